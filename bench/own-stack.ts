import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Demo, seed } from '../dev/seed/seed.ts'
import { readSettings } from '../dev/stack/settings.ts'
import { type Stack, startStack } from '../dev/stack/stack.ts'
import { createNeon, type NeonClient } from '../src/db/neon.ts'

/** A whole local stack with a database that nobody else uses. */
export interface OwnStack {
  stack: Stack
  sql: NeonClient
  database: 'PostgreSQL' | 'PGlite'
  people: Demo
}

/**
 * Starts one: on the server of `DATABASE_URL`, where the database is dropped at the end, or else on
 * PGlite.
 */
export async function startOwnStack(resources: AsyncDisposableStack): Promise<OwnStack> {
  const given = process.env.DATABASE_URL
  const databaseUrl = given && ownDatabase(given, resources)
  const dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-bench-'))
  const environment = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: databaseUrl }
  const settings = await readSettings(environment, [])
  const stack = await startStack(settings, { silent: true })
  resources.defer(() => stack.stop())
  const people = await seedPeople(stack)
  const sql = createNeon(stack.bindings.DATABASE_URL ?? '', stack.bindings.NEON_FETCH_ENDPOINT)
  return { stack, sql, people, database: given ? 'PostgreSQL' : 'PGlite' }
}

/** A database that does not exist yet; the stack makes it. */
function ownDatabase(given: string, resources: AsyncDisposableStack): string {
  const name = `shared_accounts_bench_${process.pid}`
  resources.defer(async () => {
    const client = new pg.Client({ connectionString: given })
    await client.connect()
    await client.query(`drop database if exists ${name} with (force)`)
    await client.end()
  })
  const url = new URL(given)
  url.pathname = `/${name}`
  return url.href
}

function seedPeople(stack: Stack): Promise<Demo> {
  return seed({
    bindings: stack.bindings,
    hasStandIn: true,
    earlier: null,
  })
}

/** Signs somebody in. */
export async function tokenOf(stack: Stack, login: { username: string; password: string }) {
  const { username, password } = login
  const response = await fetch(`${stack.worker.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

/** Runs a job by hand. @returns how many things it changed */
export async function runJob(stack: Stack, token: string, name: string): Promise<number> {
  const response = await fetch(`${stack.worker.url}/api/admin/jobs/${name}/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  const run = (await response.json()) as { changed: number | null; error?: string | null }
  if (run.changed === null || !response.ok) throw new Error(`${name} failed: ${run.error}`)
  return run.changed
}
