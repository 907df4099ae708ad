import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Somebody of the demo. */
export interface DemoLogin {
  username: string
  email: string
  password: string
}

/** One server of the stack. */
export interface PartAddress {
  url: string
  pid: number
}

/** `$DATA_DIR/dev.json`: what a script has to know about the running stack. */
export interface DevFile {
  base_url: string
  openai_base_url: string
  admin: DemoLogin | null
  user: DemoLogin | null
  api_key: string | null
  database_url: string
  neon_endpoint: string | null
  redis_rest_url: string | null
  redis_rest_token: string | null
  plugin_api_base_url: string | null
  plugin_api_admin_key: string | null
  /** Process ids by part. */
  parts: Record<'worker' | 'database' | 'redis' | 'plugin' | 'mail', PartAddress | null>
  pid: number
}

const fileIn = (dataDir: string) => join(dataDir, 'dev.json')

/** What an earlier run left, or null. */
export async function readDevFile(dataDir: string): Promise<DevFile | null> {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), 'utf8')) as DevFile
  } catch {
    return null
  }
}

/** Replaces the file as a whole, so that no reader ever sees half of it. */
export async function writeDevFile(dataDir: string, content: DevFile): Promise<void> {
  const temporary = `${fileIn(dataDir)}.tmp`
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(temporary, fileIn(dataDir))
}
