import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, openAsBlob, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Credentials } from './types.ts'

/** Where tools keep what can be made again: beside the packages, and gone with them. */
const FOLDER = join(import.meta.dirname, '../../node_modules/.cache/shared-accounts')

/**
 * The files of a PostgreSQL that has just been initialised, as a tar archive. Initialising takes PGlite
 * some seconds of CPU, ten times as long as unpacking the result: so it is done once for each version
 * and kept.
 *
 * @throws Error when the folder of the packages cannot be written
 */
export async function initialisedImage(): Promise<Blob> {
  const path = join(FOLDER, `pglite-${versionOfPglite()}.tar`)
  if (!existsSync(path)) await make(path)
  return openAsBlob(path)
}

/** Whoever makes one at the same time makes the same; the name is given to a whole one only. */
async function make(path: string): Promise<void> {
  const db = await PGlite.create()
  try {
    const image = await db.dumpDataDir('none')
    mkdirSync(FOLDER, { recursive: true })
    const unfinished = `${path}.${process.pid}.${randomUUID()}`
    writeFileSync(unfinished, new Uint8Array(await image.arrayBuffer()))
    renameSync(unfinished, path)
  } finally {
    await db.close()
  }
}

/**
 * The data directory of a PostgreSQL that was given this role and database and ended, to be copied. Two
 * engines and the unpacking of an image take four times the CPU of copying and one engine: so it is
 * made once, too. There is no password in it.
 *
 * @param prepare makes the data directory in an empty folder
 * @throws what `prepare` throws; Error when the folder of the packages cannot be written
 */
export async function preparedFiles(
  { user, database }: Credentials,
  prepare: (folder: string) => Promise<void>,
): Promise<string> {
  const names = createHash('sha256')
    .update(JSON.stringify([user, database]))
    .digest('hex')
  const path = join(FOLDER, `pglite-${versionOfPglite()}-${names.slice(0, 16)}`)
  if (existsSync(path)) return path
  const unfinished = `${path}.${process.pid}.${randomUUID()}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await prepare(unfinished)
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Somebody was quicker, and made the same.
    if (!existsSync(path)) throw error
  }
  return path
}

function versionOfPglite(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = createRequire(import.meta.url)(join(dirname(entry), '../package.json')) as {
    version: string
  }
  return version
}
