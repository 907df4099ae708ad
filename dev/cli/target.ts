import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { withoutDriver } from '../../src/db/connection-string.ts'

/** Which deployment a command works on. */
export interface Target {
  /** Where this was found, for messages. */
  source: string
  databaseUrl: string
  neonEndpoint: string | undefined
  /** Absent: sessions cannot be ended from here. */
  redis: { url: string; token: string } | undefined
}

/** A failure that is explained by its message alone. */
export class UsageError extends Error {
  /** What a verb called it, if it was a verb that refused. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

/**
 * The deployment is, in this order: the one that the environment names (`DATABASE_URL`, with
 * `NEON_FETCH_ENDPOINT` if it is not Neon's own, and `UPSTASH_REDIS_REST_URL` and `_TOKEN`), the same
 * from `.dev.vars`, or the local stack that is running.
 */
export async function findTarget(environment: NodeJS.ProcessEnv): Promise<Target> {
  const devVars = await readOptional('.dev.vars')
  for (const [source, values] of [
    ['the environment', environment],
    ['.dev.vars', devVars === undefined ? {} : parseEnv(devVars)],
  ] as const) {
    const target = targetOf(source, values)
    if (target) return target
  }
  const file = join(environment.DATA_DIR || '.data', 'dev.json')
  const text = await readOptional(file)
  const stack = text === undefined ? undefined : (JSON.parse(text) as Record<string, string | null>)
  const target =
    stack &&
    targetOf(file, {
      DATABASE_URL: stack.database_url ?? undefined,
      NEON_FETCH_ENDPOINT: stack.neon_endpoint ?? undefined,
      UPSTASH_REDIS_REST_URL: stack.redis_rest_url ?? undefined,
      UPSTASH_REDIS_REST_TOKEN: stack.redis_rest_token ?? undefined,
    })
  if (target) return target
  throw new UsageError(
    'No database: set DATABASE_URL in the environment or in .dev.vars, or start the local stack with "npm run dev"',
  )
}

function targetOf(source: string, values: Record<string, string | undefined>): Target | null {
  const { DATABASE_URL, NEON_FETCH_ENDPOINT, UPSTASH_REDIS_REST_URL: url } = values
  const token = values.UPSTASH_REDIS_REST_TOKEN
  if (!DATABASE_URL) return null
  return {
    source,
    databaseUrl: withoutDriver(DATABASE_URL),
    neonEndpoint: NEON_FETCH_ENDPOINT || undefined,
    redis: url && token ? { url, token } : undefined,
  }
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
