import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Demo, seed } from '../../dev/seed/seed.ts'
import { readSettings } from '../../dev/stack/settings.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { createNeon } from '../../src/db/neon.ts'
import type { Distribution } from '../load/job.ts'
import type { Plan } from '../plan.ts'
import { distribution } from '../report/statistics.ts'
import { type Books, fillBooks } from './data.ts'

/** What one question takes, from the request to the last byte of its answer. */
export interface QuestionResult extends Distribution {
  path: string
  /** Status of the last answer; anything but 200 makes its figures worthless. */
  status: number
  bytes: number
}

export interface UsageStatsResult extends Books {
  database: 'PostgreSQL' | 'PGlite'
  /** The heaviest person's calls. */
  heaviestCalls: number
  rollUpMs: number
  rollUpRows: number
  questions: QuestionResult[]
}

const MAX_RUNS = 20

/**
 * Fills a database of its own, rolls it up and asks for usage over HTTP: on the server of
 * `DATABASE_URL`, where the database is dropped at the end, or else on PGlite with fewer calls.
 */
export async function measureUsageStats(
  resources: AsyncDisposableStack,
  plan: Plan['usageStats'],
  onProgress: (message: string) => void,
): Promise<UsageStatsResult> {
  const given = process.env.DATABASE_URL
  const databaseUrl = given && ownDatabase(given, resources)
  const dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-bench-'))
  const environment = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: databaseUrl }
  const settings = await readSettings(environment, [])
  const stack = await startStack(settings, { silent: true })
  resources.defer(() => stack.stop())
  const people = await seedPeople(stack)
  const sql = createNeon(stack.bindings.DATABASE_URL ?? '', stack.bindings.NEON_FETCH_ENDPOINT)

  const books: Books = { ...plan, calls: given ? plan.calls : plan.embeddedCalls }
  const [person] = await sql`select id from users where username = ${people.user.username}`
  await fillBooks(sql, books, person?.id as number, onProgress)
  const [admin, user] = await Promise.all([
    tokenOf(stack, people.admin),
    tokenOf(stack, people.user),
  ])

  onProgress('Rolling up …')
  const startedAt = performance.now()
  for (let run = 0; run < MAX_RUNS && (await runRollUp(stack, admin)) > 0; run++) {
    // One run does a bounded amount of work.
  }
  const rollUpMs = performance.now() - startedAt
  await sql`analyze usage_daily`
  await sql`analyze usage_daily_keys`
  await sql`analyze usage_daily_models`

  const questions: QuestionResult[] = []
  for (const [path, token] of questionsOf(user, admin)) {
    onProgress(`GET ${path}`)
    questions.push(await ask(stack, path, token, plan.repetitions))
  }
  const [counts] = await sql`select (select count(*) from usage_daily)::int as rolled_up,
    (select count(*) from usage_logs where user_id = ${person?.id})::int as heaviest`
  return {
    ...books,
    database: given ? 'PostgreSQL' : 'PGlite',
    heaviestCalls: counts?.heaviest as number,
    rollUpMs,
    rollUpRows: counts?.rolled_up as number,
    questions,
  }
}

function questionsOf(user: string, admin: string): [string, string][] {
  const from = new Date(Date.now() - 89 * 86_400_000).toISOString().slice(0, 10)
  return [
    ['/api/usage/stats', user],
    ['/api/usage/stats?group_by=model', user],
    [`/api/usage/stats?group_by=key&from=${from}`, user],
    [`/api/usage/stats?group_by=day&from=${from}`, user],
    ['/api/admin/usage/stats', admin],
    [`/api/admin/usage/stats?from=${from}`, admin],
    [`/api/admin/usage/stats?group_by=model&from=${from}`, admin],
    [`/api/admin/usage/stats?group_by=user&from=${from}`, admin],
    ['/api/usage/logs?limit=200', user],
    ['/api/usage/logs?model=model-12&errors_only=true', user],
    ['/api/admin/usage/logs?limit=200', admin],
  ]
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
    baseUrl: stack.worker.url,
    databaseUrl: stack.bindings.DATABASE_URL ?? '',
    neonEndpoint: stack.bindings.NEON_FETCH_ENDPOINT,
    hasStandIn: true,
    earlier: null,
  })
}

async function tokenOf(stack: Stack, login: { username: string; password: string }) {
  const { username, password } = login
  const response = await fetch(`${stack.worker.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

async function runRollUp(stack: Stack, token: string): Promise<number> {
  const response = await fetch(`${stack.worker.url}/api/admin/jobs/usage-roll-up/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  const run = (await response.json()) as { changed: number | null; error?: string | null }
  if (run.changed === null || !response.ok) throw new Error(`the roll-up failed: ${run.error}`)
  return run.changed
}

async function ask(
  stack: Stack,
  path: string,
  token: string,
  repetitions: number,
): Promise<QuestionResult> {
  const times: number[] = []
  let status = 0
  let bytes = 0
  for (let repetition = -2; repetition < repetitions; repetition++) {
    const startedAt = performance.now()
    const response = await fetch(stack.worker.url + path, {
      headers: { authorization: `Bearer ${token}` },
    })
    bytes = (await response.arrayBuffer()).byteLength
    status = response.status
    // The first two warm up.
    if (repetition >= 0) times.push(performance.now() - startedAt)
  }
  return { path, status, bytes, ...distribution(times) }
}
