import { existsSync, mkdirSync, openAsBlob, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

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
    const unfinished = `${path}.${process.pid}.${crypto.randomUUID()}`
    writeFileSync(unfinished, new Uint8Array(await image.arrayBuffer()))
    renameSync(unfinished, path)
  } finally {
    await db.close()
  }
}

function versionOfPglite(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = createRequire(import.meta.url)(join(dirname(entry), '../package.json')) as {
    version: string
  }
  return version
}
