import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { withoutDriver } from '../../src/db/connection-string.ts'
import type { MailOptions } from '../mail/server.ts'
import type { NeonOptions } from '../neon/server.ts'
import type { PluginOptions } from '../plugin/server.ts'
import type { UpstashOptions } from '../upstash/server.ts'

/** What the local stack starts with. A part is absent where a service of the operator's takes its place. */
export interface StackSettings {
  port: number
  dataDir: string
  neon: NeonOptions | undefined
  upstash: UpstashOptions | undefined
  plugin: PluginOptions | undefined
  mail: MailOptions | undefined
  /** The Worker's settings and secrets, as far as they are known before the parts run. */
  bindings: Record<string, string>
}

export type Environment = Record<string, string | undefined>

/** Read from the environment but of no concern to the Worker. */
const STACK_ONLY = new Set([
  'PORT',
  'DATA_DIR',
  'REDIS_URL',
  'STANDIN_UPSTREAM_BASE_URL',
  'STANDIN_UPSTREAM_API_KEY',
])

const LOCAL_USER = 'postgres'
const LOCAL_DATABASE = 'shared_accounts'
const NO_PASSWORD = 'none'
const LOCAL_SENDER = 'shared-accounts <no-reply@localhost>'

/**
 * Puts the settings together: what the environment does not give is embedded. Secrets that nobody
 * gives are made once and kept in the data folder.
 *
 * @param names the settings of the Worker that pass on to it
 * @throws {Error} in one line, naming the setting
 */
export async function readSettings(
  environment: Environment,
  names: readonly string[],
): Promise<StackSettings> {
  const given = definedOf(environment)
  const port = Number(given.PORT ?? 8787)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('PORT: must be a port number.')
  const dataDir = resolve(given.DATA_DIR ?? '.data')
  await mkdir(dataDir, { recursive: true })
  const secrets = await readSecrets(join(dataDir, 'secrets.json'))

  const ownSettings = Object.fromEntries(
    Object.entries(given).filter(([name]) => names.includes(name) && !STACK_ONLY.has(name)),
  )
  const database = databaseSettings(
    given.DATABASE_URL,
    secrets.DATABASE_PASSWORD ?? '',
    join(dataDir, 'postgres'),
  )
  const usesUpstash = given.UPSTASH_REDIS_REST_URL !== undefined
  const usesPlugin = given.PLUGIN_API_BASE_URL !== undefined
  const usesMail = given.SMTP_HOST !== undefined || given.MAIL_API_URL !== undefined

  return {
    port,
    dataDir,
    neon: database.neon,
    upstash: usesUpstash
      ? undefined
      : {
          token: secrets.UPSTASH_REDIS_REST_TOKEN ?? '',
          ...(given.REDIS_URL
            ? { redisUrl: given.REDIS_URL }
            : { persistTo: join(dataDir, 'redis.log') }),
        },
    plugin: usesPlugin
      ? undefined
      : {
          adminKey: secrets.PLUGIN_API_ADMIN_KEY ?? '',
          persistTo: join(dataDir, 'plugin.json'),
          ...(given.STANDIN_UPSTREAM_BASE_URL && {
            upstreamBaseUrl: given.STANDIN_UPSTREAM_BASE_URL,
          }),
          ...(given.STANDIN_UPSTREAM_API_KEY && { upstreamApiKey: given.STANDIN_UPSTREAM_API_KEY }),
        },
    mail: usesMail ? undefined : {},
    bindings: {
      APP_ENV: 'development',
      ...(!usesMail && { MAIL_FROM: LOCAL_SENDER }),
      JWT_SECRET_KEY: secrets.JWT_SECRET_KEY ?? '',
      REFRESH_TOKEN_SECRET_KEY: secrets.REFRESH_TOKEN_SECRET_KEY ?? '',
      PLUGIN_API_ENCRYPTION_KEY: secrets.PLUGIN_API_ENCRYPTION_KEY ?? '',
      ...(!usesPlugin && { PLUGIN_API_ADMIN_KEY: secrets.PLUGIN_API_ADMIN_KEY ?? '' }),
      ...(!usesUpstash && { UPSTASH_REDIS_REST_TOKEN: secrets.UPSTASH_REDIS_REST_TOKEN ?? '' }),
      ...ownSettings,
      DATABASE_URL: database.connectionString,
    },
  }
}

/** A database at Neon is used as it is; any other PostgreSQL gets Neon's protocol put in front of it. */
function databaseSettings(given: string | undefined, password: string, dataDir: string) {
  if (given === undefined) {
    const login = { user: LOCAL_USER, password, database: LOCAL_DATABASE }
    return {
      neon: { ...login, dataDir } satisfies NeonOptions,
      connectionString: `postgres://${LOCAL_USER}:${password}@db.localhost/${LOCAL_DATABASE}`,
    }
  }
  const plain = withoutDriver(given)
  const url = URL.parse(plain)
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error(
      'DATABASE_URL: must be of the form postgres://user:password@host:port/database.',
    )
  }
  if (url.hostname.endsWith('.neon.tech')) return { neon: undefined, connectionString: plain }
  const login = {
    user: decodeURIComponent(url.username),
    // Neon's protocol has one always; a server that asks for none does not look at it.
    password: decodeURIComponent(url.password) || NO_PASSWORD,
    database: decodeURIComponent(url.pathname.slice(1)),
  }
  const local = new URL(plain)
  local.password ||= NO_PASSWORD
  local.host = 'db.localhost'
  local.port = ''
  local.search = ''
  return {
    neon: { ...login, databaseUrl: plain } satisfies NeonOptions,
    connectionString: local.href,
  }
}

/** What `.dev.vars` in the current folder sets; wrangler reads the same file. */
export async function readDevVars(): Promise<Environment> {
  const text = await readFile('.dev.vars', 'utf8').catch(() => '')
  return parseEnv(text)
}

function definedOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  )
}

/** Random secrets of this data folder: the same at every start, so that keys and sessions stay valid. */
async function readSecrets(file: string): Promise<Record<string, string>> {
  const kept = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Record<string, string>,
    () => ({}),
  )
  const secret = () => randomBytes(32).toString('base64url')
  const secrets: Record<string, string> = {
    DATABASE_PASSWORD: secret(),
    UPSTASH_REDIS_REST_TOKEN: secret(),
    JWT_SECRET_KEY: secret(),
    REFRESH_TOKEN_SECRET_KEY: secret(),
    PLUGIN_API_ADMIN_KEY: `sk-admin-${secret()}`,
    PLUGIN_API_ENCRYPTION_KEY: secret(),
    ...kept,
  }
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  return secrets
}
