import type { Stack } from '../../dev/stack/stack.ts'
import type { Distribution } from '../load/job.ts'
import { type OwnStack, runJob, startOwnStack, tokenOf } from '../own-stack.ts'
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
  database: OwnStack['database']
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
  const { stack, sql, people, database } = await startOwnStack(resources)
  const books: Books = {
    ...plan,
    calls: database === 'PostgreSQL' ? plan.calls : plan.embeddedCalls,
  }
  const [person] = await sql`select id from users where username = ${people.user.username}`
  await fillBooks(sql, books, person?.id as number, onProgress)
  const [admin, user] = await Promise.all([
    tokenOf(stack, people.admin),
    tokenOf(stack, people.user),
  ])

  onProgress('Rolling up …')
  const startedAt = performance.now()
  for (let run = 0; run < MAX_RUNS && (await runJob(stack, admin, 'usage-roll-up')) > 0; run++) {
    // One run does a bounded amount of work.
  }
  const rollUpMs = performance.now() - startedAt
  for (const table of ['usage_daily', 'usage_daily_keys', 'usage_daily_people'])
    await sql.query(`analyze ${table}`, [])

  const questions: QuestionResult[] = []
  for (const [path, token] of questionsOf(user, admin)) {
    onProgress(`GET ${path}`)
    questions.push(await ask(stack, path, token, plan.repetitions))
  }
  const [counts] = await sql`select (select count(*) from usage_daily)::int as rolled_up,
    (select count(*) from usage_logs where user_id = ${person?.id})::int as heaviest`
  return {
    ...books,
    database,
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
    [`/api/admin/usage/stats?group_by=key&from=${from}`, admin],
    ['/api/usage/logs?limit=200', user],
    ['/api/usage/logs?model=model-1&errors_only=true', user],
    ['/api/admin/usage/logs?limit=200', admin],
  ]
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
