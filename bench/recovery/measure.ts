import { type OwnStack, runJob, startOwnStack, tokenOf } from '../own-stack.ts'
import type { Plan } from '../plan.ts'

export interface RecoveryResult {
  database: OwnStack['database']
  people: number
  pools: number
  /** First run: every pool has five hours to catch up with. */
  firstMs: number
  /** Pools that it changed. */
  firstChanged: number
  /** Second run, with nothing left to do. */
  secondMs: number
  secondChanged: number
  statements: number
}

/** Lets the hourly recovery catch up with pools that nobody has written down for five hours. */
export async function measureRecovery(
  resources: AsyncDisposableStack,
  plan: Plan['recovery'],
  onProgress: (message: string) => void,
): Promise<RecoveryResult> {
  const { stack, sql, people: demo, database } = await startOwnStack(resources)
  const people = database === 'PostgreSQL' ? plan.people : plan.embeddedPeople
  onProgress(`Opening the pools of ${people.toLocaleString('en')} people …`)
  await sql`
    with people as (
      insert into users (username, username_key, created_at, updated_at)
      select 'bench-' || n, 'bench-' || n, now(), now() from generate_series(1, ${people}::int) n
      returning id)
    insert into quota_holders (user_id, shared_accounts, ceiling, accrued_at, version)
    select id, 1, 20000, now() - interval '5 hours', 1 from people`
  await sql`
    insert into quota_pools (user_id, group_name, balance, ceiling, accrued_at, version)
    select h.user_id, 'group-' || g, -(h.user_id % 10000), 20000,
      date_trunc('milliseconds', now() - interval '5 hours'), 1
    from quota_holders h, generate_series(1, ${plan.poolsEach}::int) g
    where h.ceiling > 0 and h.user_id in (select id from users where username_key like 'bench-%')`
  await sql.query('analyze quota_pools', [])
  // Whoever settles a call leaves this note.
  await noteRecovering(stack.bindings)
  const token = await tokenOf(stack, demo.admin)
  const run = async () => {
    const startedAt = performance.now()
    const changed = await runJob(stack, token, 'quota-recovery')
    return { changed, ms: performance.now() - startedAt }
  }
  const before = await statementsOf(stack.bindings)
  const first = await run()
  const statements = (await statementsOf(stack.bindings)) - before
  const second = await run()
  const [open] =
    await sql`select count(*)::int as count from quota_pools p where balance <> coalesce(
    (select sum(amount) from quota_ledger l
      where l.user_id = p.user_id and l.group_name = p.group_name), 0) - (p.user_id % 10000)`
  if (open?.count !== 0) throw new Error(`${open?.count} pools do not agree with the ledger.`)
  return {
    database,
    people,
    pools: people * plan.poolsEach,
    firstMs: first.ms,
    firstChanged: first.changed,
    secondMs: second.ms,
    secondChanged: second.changed,
    statements,
  }
}

async function noteRecovering(bindings: Record<string, string>): Promise<void> {
  await fetch(bindings.UPSTASH_REDIS_REST_URL ?? '', {
    method: 'POST',
    headers: { authorization: `Bearer ${bindings.UPSTASH_REDIS_REST_TOKEN}` },
    body: JSON.stringify(['SET', 'once:quota-recovering', '1']),
  })
}

/** How many requests the database has got. */
async function statementsOf(bindings: Record<string, string>): Promise<number> {
  const log = await fetch(new URL('/__requests', bindings.NEON_FETCH_ENDPOINT))
  return ((await log.json()) as { seq: number }).seq
}
