import type { Bindings } from './app-env.ts'
import { configOf } from './config.ts'
import { runScheduled } from './operations/jobs/index.ts'
import { servicesOf } from './services.ts'

/**
 * Runs the jobs of a cron trigger.
 *
 * @param cron its expression, as in `wrangler.toml`
 * @param waitUntil takes what goes on beside them
 * @throws {ConfigError}
 */
export async function runCron(
  cron: string,
  bindings: Bindings,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<void> {
  const config = configOf(bindings)
  await runScheduled(cron, config, servicesOf(config, bindings.ASSETS), waitUntil)
}
