import { type RunningWorker, startWorker, type WorkerOptions } from '../../dev/worker/server.ts'
import { bundleOfTests } from './bundle.ts'
import { guardSecretsOf } from './known-secrets.ts'
import { leaksInLog, secretsOf } from './leaks.ts'
import { stack } from './stack.ts'

/** What makes the settings of a test's stack those of a deployment. */
export const PRODUCTION = {
  APP_ENV: 'production',
  PUBLIC_URL: 'https://accounts.example.com',
  // Are for local development only.
  NEON_FETCH_ENDPOINT: '',
  MAIL_API_URL: '',
  ARGON2_MEMORY_KIB: '',
  ARGON2_PASSES: '',
}

/** A Worker of a test's own, in front of the shared stores. */
export interface OwnWorker extends RunningWorker, AsyncDisposable {
  /** What it has logged so far. */
  logs: string[]
  /** @throws when its log holds what it must not */
  close(): Promise<void>
}

/**
 * Starts one with settings that differ from the shared Worker's; an empty text unsets a setting.
 *
 * @param base where the other settings come from: another stack than the shared one
 * @param options what is not a setting of the Worker
 */
export async function workerWith(
  settings: Record<string, string>,
  base: Record<string, string> = stack.bindings,
  options: Pick<WorkerOptions, 'trustedCertificates' | 'port'> = {},
): Promise<OwnWorker> {
  const logs: string[] = []
  const bindings = Object.fromEntries(
    Object.entries({ ...base, ...settings }).filter(([, value]) => value !== ''),
  )
  const worker = await startWorker({
    ...options,
    bindings,
    bundle: bundleOfTests(),
    onLog: (line) => logs.push(line),
  })
  guardSecretsOf(bindings)
  const close = async () => {
    await worker.close()
    const leaks = leaksInLog(logs.join('\n'), secretsOf(bindings))
    if (leaks.length > 0) throw new Error(`The Worker's log holds:\n${leaks.join('\n')}`)
  }
  return { ...worker, logs, close, [Symbol.asyncDispose]: close }
}
