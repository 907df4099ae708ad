import { createApp } from './app.ts'
import type { Bindings } from './app-env.ts'
import { runScheduled } from './operations/jobs/index.ts'

const app = createApp()

export default {
  fetch: app.fetch,
  scheduled: runScheduled,
} satisfies ExportedHandler<Bindings>
