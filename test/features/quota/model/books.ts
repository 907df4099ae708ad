import { familyOf } from '../../../../dev/plugin/models.ts'
import { sharesAmiss } from '../../../support/quota.ts'
import { waitFor } from '../../../support/stack.ts'
import { HOURLY, OFTEN } from './operations.ts'
import type { Player, World } from './world.ts'

/** Lets everything come to its end: calls of dead Workers, late looks, claims. */
export async function comeToRest(world: World, players: readonly Player[]): Promise<void> {
  const ids = players.map(({ id }) => id)
  await waitFor(async () => {
    await world.cron(OFTEN)
    const count = await world.rows.counts(ids)
    return players.every(({ id, calls }) => (count.get(id) ?? 0) >= calls)
  }, 25_000)
  await waitFor(async () => (await heldBy(world, players)) === 0, 30_000)
  // Whoever had their calls forgotten by Redis is looked at all the same.
  for (const id of ids) await world.redis('ZADD', 'quota:due', Date.now(), id)
  await Promise.all([world.cron(OFTEN, 0), world.cron(OFTEN, 1)])
  await Promise.all([world.cron(HOURLY, 0), world.cron(HOURLY, 1)])
}

async function heldBy(world: World, players: readonly Player[]): Promise<number> {
  const keys = await Promise.all(
    players.map(({ id }) => world.redis<string[]>('KEYS', `pool:${id}:*`)),
  )
  let held = 0
  for (const key of keys.flat()) {
    const flat = await world.redis<string[]>('HGETALL', key)
    for (let at = 0; at < flat.length; at += 2) {
      const [amount = '0', until = '0'] = (flat[at + 1] ?? '').split(':')
      if (!flat[at]?.startsWith('c:')) continue
      if (Number(amount) < 0) throw new Error(`${key} is held by less than nobody: ${amount}`)
      if (Number(until) > Date.now()) held += Number(amount)
    }
  }
  return held
}

/** Throws where the books of these people do not close. */
export async function checkBooks(world: World, players: readonly Player[]): Promise<void> {
  const ids = players.map(({ id }) => id)
  const wrong = {
    'a pool is not what its ledger says': await world.sql`
      select p.*, (select sum(amount) from quota_ledger l
        where l.user_id = p.user_id and l.group_name = p.group_name) as booked
      from quota_pools p where p.user_id = any(${ids}) and p.balance <> coalesce((
        select sum(amount) from quota_ledger l
        where l.user_id = p.user_id and l.group_name = p.group_name), 0)`,
    'a pool is above its ceiling, or has another one than its owner': await world.sql`
      select p.*, h.ceiling as of_owner, h.shared_accounts
      from quota_pools p join quota_holders h using (user_id)
      where p.user_id = any(${ids}) and (p.balance > p.ceiling or p.ceiling <> h.ceiling
        or h.balance > h.ceiling or h.ceiling <> 20000 * h.shared_accounts
        or p.frozen < 0 or h.frozen < 0)`,
    'an account was charged for something else than it lost': await sharesAmiss(
      world.sql,
      ids,
      true,
    ),
    'something waits to be shared out': await world.sql`
      select * from consumption_rows where is_pending and user_id = any(${ids})`,
    'the ledger has drawn something else than what was consumed': await world.sql`
      select user_id, group_name, sum(amount) as amount from (
        select user_id, group_name, amount from consumption_rows
        where user_id = any(${ids}) and is_shared
        union all select user_id, group_name, amount from quota_ledger
        where user_id = any(${ids}) and kind = 'use') b
      group by user_id, group_name having sum(amount) <> 0`,
  }
  for (const [what, rows] of Object.entries(wrong)) {
    if (rows.length > 0) throw new Error(`${what}: ${JSON.stringify(rows)}`)
  }
  await checkCalls(world, players)
  await checkAccounts(world, players)
}

/** Every call has one row. */
async function checkCalls(world: World, players: readonly Player[]): Promise<void> {
  for (const { id, calls, doubtful } of players) {
    const [row] = await world.sql`
      select count(*)::int as count from usage_logs where user_id = ${id}`
    const count = Number(row?.count)
    if (count < calls || count > calls + doubtful) {
      throw new Error(`${count} usage rows for ${calls} calls (${doubtful} in doubt) of ${id}`)
    }
  }
}

/** Nobody was charged for what the AI service has not lost. */
async function checkAccounts(world: World, players: readonly Player[]): Promise<void> {
  for (const cookieId of players.flatMap(({ accounts }) => accounts)) {
    const { live } = await world.standIn<{ live: Record<string, { units: number }> }>('account', {
      cookie_id: cookieId,
    })
    const rows = await world.sql`
      select model, sum(amount)::int as charged from consumption_rows
      where cookie_id = ${cookieId} and is_shared group by model`
    const charged = new Map<string, number>()
    for (const row of rows) {
      const family = familyOf(String(row.model))
      charged.set(family, (charged.get(family) ?? 0) + Number(row.charged))
    }
    for (const [family, amount] of charged) {
      const lost = 10_000 - (live[family]?.units ?? 10_000)
      if (amount > lost) {
        throw new Error(`${amount} charged for ${lost} of ${family} of account ${cookieId}`)
      }
    }
  }
}
