import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorker } from '../../dev/worker/bundle.ts'

/** Names the bundle to the processes that run the test files; they inherit the environment. */
const VARIABLE = 'SHARED_ACCOUNTS_TEST_BUNDLE'

/** Bundles the Worker once for the whole run: the tests start more than a hundred of it. */
export async function bundleForTests(): Promise<void> {
  if (process.env[VARIABLE]) return
  const folder = mkdtempSync(join(tmpdir(), 'shared-accounts-bundle-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'worker.js')
  writeFileSync(path, await bundleWorker())
  process.env[VARIABLE] = path
}

let text: string | undefined

/** The text of the Worker's one module, as it was when the run began. */
export function bundleOfTests(): string {
  const path = process.env[VARIABLE]
  if (!path) throw new Error('No bundle has been made: test/support/global-setup.ts has not run.')
  text ??= readFileSync(path, 'utf8')
  return text
}
