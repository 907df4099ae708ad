import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../dev/worker/bundle.ts'
import { readWranglerConfig } from '../../dev/worker/server.ts'
import { workerdConfig } from '../../dev/worker/workerd-config.ts'
import type { WorkerdFiles } from '../processes/workerd.ts'

const TO_ENTRY = 'http = (), service = "entry"'
const TO_WORKER = 'http = (), service = "worker"'

/**
 * Our Worker as workerd runs it in production: the development entry in front of it, which fires
 * cron triggers, is left out.
 *
 * @param script the bundle
 * @throws {Error} when the development configuration has changed its form
 */
export async function oursFiles(
  script: string,
  bindings: Record<string, string>,
): Promise<WorkerdFiles> {
  const { compatibility_date, compatibility_flags } = await readWranglerConfig()
  const config = workerdConfig({
    compatibilityDate: compatibility_date,
    compatibilityFlags: compatibility_flags,
    bindings,
    assetsDirectory: join(ROOT, 'dist/assets'),
    pages: [],
  })
  if (!config.includes(TO_ENTRY)) {
    throw new Error('dev/worker/workerd-config.ts no longer has the socket that the bench expects.')
  }
  return {
    config: config.replace(TO_ENTRY, TO_WORKER),
    modules: {
      'worker.js': script,
      'entry.js': await readFile(join(ROOT, 'dev/worker/entry.js'), 'utf8'),
      'assets.js': await readFile(join(ROOT, 'dev/worker/assets.js'), 'utf8'),
    },
  }
}
