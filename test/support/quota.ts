import { redis } from './redis.ts'
import { bringAccount, call, newKey, newPerson, sql, standIn, type TestPerson } from './stack.ts'

export const GROUP = 'gemini-3-pro'

export interface PoolRow {
  group: string
  balance: number
  frozen: number
  reserved: number
  available: number
  ceiling: number
  recovers_per_hour: number
  full_in: number | null
  next_request_in: number | null
}

/** Somebody who lends an account, and has a key. */
export async function newLender(): Promise<TestPerson & { key: string; cookieId: string }> {
  const person = await newPerson()
  const cookieId = await bringAccount(person, 1)
  return { ...person, cookieId, key: await newKey(person) }
}

/** What somebody sees of their pools. */
export async function quotasOf(person: { token: string }): Promise<{
  ceiling: number
  accounts: { shared: number; dedicated: number }
  pools: PoolRow[]
}> {
  const { body } = await call<{
    ceiling: number
    accounts: { shared: number; dedicated: number }
    pools: PoolRow[]
  }>('/api/quotas', { token: person.token })
  return body
}

export async function poolOf(person: { token: string }, group = GROUP): Promise<PoolRow> {
  const { pools } = await quotasOf(person)
  const pool = pools.find((each) => each.group === group)
  if (!pool) throw new Error(`no pool "${group}" among ${pools.map((each) => each.group)}`)
  return pool
}

/**
 * Lets a person's pools begin with so many units, before any was drawn from. What calls cost elsewhere in
 * the run, where the stand-in was told of other amounts, is not what the ledger expects of theirs.
 */
export async function grant(person: { id: number }, units: number): Promise<void> {
  await sql`update account_drops set calls = 0 where calls > 0`
  const [row] = await sql`
    insert into quota_holders (user_id, shared_accounts, ceiling, balance, accrued_at, version)
    values (${person.id}, 1, 20000, ${Math.round(units * 10_000)}, now(), 1)
    on conflict (user_id) do update set balance = excluded.balance, remainder = 0,
      accrued_at = now(), version = quota_holders.version + 1
    returning balance, floor(extract(epoch from accrued_at) * 1000)::bigint as at, ceiling, version,
      shared_accounts, dedicated_accounts`
  await forgetPools(person)
  // Told, so that what the gate is being told of meanwhile, from before, comes too late.
  const { balance, at, ceiling, version, shared_accounts, dedicated_accounts } = row ?? {}
  const copy = [balance, at, 0, ceiling, version, shared_accounts, dedicated_accounts]
  await redis('HSET', `pool:${person.id}`, 'p', copy.join(':'))
}

/** Throws where the books of a person do not close. */
export async function checkBooks(person: { id: number }): Promise<void> {
  const rows = await sql`
    select p.group_name, p.balance, p.ceiling, p.frozen,
      coalesce((select sum(amount) from quota_ledger l
        where l.user_id = p.user_id and l.group_name = p.group_name), 0) as booked
    from quota_pools p where p.user_id = ${person.id}`
  for (const row of rows) {
    if (Number(row.balance) !== Number(row.booked))
      throw new Error(`does not close: ${JSON.stringify(row)}`)
    if (Number(row.balance) > Number(row.ceiling)) throw new Error(`above: ${JSON.stringify(row)}`)
  }
}

/** As if Redis had lost what it knows of somebody's pools. */
export async function forgetPools(person: { id: number }): Promise<void> {
  const keys = await redis<string[]>('KEYS', `pool:${person.id}*`)
  if (keys.length > 0) await redis('DEL', ...keys)
}

/** A person's pool as the gate sees it, in 1/10,000 unit; null before it was drawn from. */
export async function atTheGate(
  person: { id: number },
  group = GROUP,
): Promise<{ balance: number; ceiling: number } | null> {
  const copy = await redis<string | null>('HGET', `pool:${person.id}:${group}`, 'p')
  if (copy === null) return null
  const [balance = 0, , , ceiling = 0] = copy.split(':').map(Number)
  return { balance, ceiling }
}

/** What all isolates together hold of a person's pool, in 1/10,000 unit. */
export async function heldBy(person: { id: number }, group = GROUP): Promise<number> {
  const flat = await redis<string[]>('HGETALL', `pool:${person.id}:${group}`)
  let held = 0
  for (let at = 0; at < flat.length; at += 2) {
    const [amount = '0', until = '0'] = (flat[at + 1] ?? '').split(':')
    if (flat[at]?.startsWith('c:') && Number(until) > Date.now()) held += Number(amount)
  }
  return held
}

/** How many chats with a text have reached the AI service. */
export async function reached(marker: string): Promise<number> {
  const { requests } = await standIn<{ requests: { path: string; body: unknown }[] }>('requests')
  return requests.filter(
    ({ path, body }) => path === '/v1/chat/completions' && JSON.stringify(body).includes(marker),
  ).length
}

/**
 * The accounts from which these people drew that were charged for something else than they lost.
 *
 * @param isAsSeen whether the rows can be those of a real account, so that they tell what it lost
 */
export function sharesAmiss(ask: typeof sql, userIds: readonly number[], isAsSeen: boolean) {
  return ask`
    select * from (
    select lost.cookie_id, lost.meter, lost.amount as lost, lost.outside, seen.amount as charged,
      seen.most, seen.spans
    from (
      select cookie_id, meter, sum(lost) as amount, sum(outside) as outside from account_drops
      group by cookie_id, meter) lost
    join (
      select cookie_id, meter, sum(amount) as amount, max(quota_before) - min(quota_after) as most,
        (select sum(upper(span) - lower(span)) from unnest(
          range_agg(int4range(quota_after, quota_before))) span) as spans
      from consumption_rows where cookie_id in (
        select cookie_id from consumption_rows where user_id = any(${userIds}))
        and quota_after <= quota_before
      group by cookie_id, meter) seen using (cookie_id, meter)) books
    where charged + outside <> lost or (${isAsSeen} and (lost > most or lost < spans))`
}

/**
 * Throws where those who drew from the accounts that a person drew from have, together with what was
 * used outside, not paid for exactly what these lost: what several saw an account lose counts once.
 * The accounts' quota must not have come back meanwhile.
 *
 * @param isAsSeen whether the rows can be those of a real account, so that they tell what it lost
 */
export async function checkShares(
  person: { id: number },
  ask: typeof sql = sql,
  isAsSeen = true,
): Promise<void> {
  const rows = await sharesAmiss(ask, [person.id], isAsSeen)
  if (rows.length > 0) throw new Error(`charged for something else: ${JSON.stringify(rows)}`)
  const drawn = await ask`
    select group_name, sum(amount) from (
      select group_name, amount from consumption_rows where user_id = ${person.id} and is_shared
      union all select group_name, amount from quota_ledger
      where user_id = ${person.id} and kind = 'use') both_sides
    group by group_name having sum(amount) <> 0`
  if (drawn.length > 0) throw new Error(`drawn is something else: ${JSON.stringify(drawn)}`)
}
