import { createApp } from './app.ts'
import type { Bindings } from './app-env.ts'
import { configOf } from './config.ts'
import { runScheduled } from './operations/jobs/index.ts'
import { servicesOf } from './services.ts'

const app = createApp()

export default {
  fetch: app.fetch,
  async scheduled({ cron }, bindings, execution) {
    const config = configOf(bindings)
    const waitUntil = execution.waitUntil.bind(execution)
    await runScheduled(cron, config, servicesOf(config), waitUntil)
  },
} satisfies ExportedHandler<Bindings>
