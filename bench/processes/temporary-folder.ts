import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGuard } from './children.ts'

/**
 * Gives this process and all that it starts one folder for temporary files, which is removed when
 * the bench ends, in whatever way.
 */
export function useTemporaryFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'shared-accounts-bench-'))
  process.env.TMPDIR = folder
  process.once('exit', () => removeFolder(folder))
  startGuard().send({ remove: folder })
}

/** Processes that have just been killed may still be writing for a moment. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}
