import { waitFor } from '../../../support/stack.ts'
import { type Player, PRICE, type World } from './world.ts'

/** What somebody could draw before a burst. */
export interface Before {
  group: string
  /** In 1/10,000 unit; at least what is held already: a ceiling that comes down takes nothing away from calls. */
  balance: number
  /** Nobody with dedicated accounts is stopped by their pool. */
  dedicated: number
  at: number
  /** The last row of the ledger. */
  ledgerId: number
  /** The last request that the AI service has seen. */
  seq: number
  flushes: number
}

interface Quotas {
  accounts: { dedicated: number }
  pools: { group: string; balance: number; reserved: number }[]
}

export async function poolNow(world: World, player: Player, group: string): Promise<Before> {
  // What is still on its way belongs to earlier calls.
  await booked(world, player)
  const { flushes } = world
  const { status, body } = await world.api<Quotas>(player, '/api/quotas')
  if (status !== 200) throw new Error(`the pools answered ${status}: ${JSON.stringify(body)}`)
  const pool =
    body.pools.find((each) => each.group === group) ?? body.pools.find((each) => each.group === '*')
  const [last] = await world.sql`
    select coalesce(max(id), 0) as id from quota_ledger where user_id = ${player.id}`
  const { latest } = await world.standIn<{ latest: number }>('requests?after=999999999')
  return {
    group,
    balance: Math.round(Math.max(pool?.balance ?? 0, pool?.reserved ?? 0) * 10_000),
    dedicated: body.accounts.dedicated,
    at: Date.now(),
    ledgerId: Number(last?.id),
    seq: latest,
    flushes,
  }
}

/** Waits until there is a usage row for every call. */
export async function booked(world: World, player: Player): Promise<void> {
  await waitFor(async () => {
    const [row] = await world.sql`
      select count(*)::int as count from usage_logs where user_id = ${player.id}`
    return Number(row?.count) >= player.calls
  }, 20_000)
}

/**
 * What has reached the AI service was in the pool. A call that has cost less than was held for it
 * makes room for others; so do recovery, and what was given back for earlier calls.
 */
export async function checkBurst(
  world: World,
  player: Player,
  before: Before & { content: string; usesBoth: boolean },
): Promise<void> {
  const { requests } = await world.standIn<{ requests: { path: string; body: string }[] }>(
    `requests?after=${before.seq}`,
  )
  const reached = requests.filter(
    ({ path, body }) => path === '/v1/chat/completions' && body.includes(before.content),
  ).length
  await booked(world, player)
  // What one isolate holds the other cannot know when Redis has just forgotten it.
  if (before.dedicated > 0 || (before.usesBoth && world.flushes > before.flushes)) return
  const [row] = await world.sql`
    select
      (select coalesce(sum(greatest(0, ${PRICE} - coalesce(quota, 0))), 0) from usage_logs
        where user_id = ${player.id} and created_at >= ${new Date(before.at).toISOString()}::timestamptz
          and status <> 429) as spared,
      (select coalesce(sum(greatest(0, amount)), 0) from quota_ledger
        where user_id = ${player.id} and group_name = ${before.group} and id > ${before.ledgerId}
          and kind <> 'opening') as given,
      (select ceiling from quota_holders where user_id = ${player.id}) as ceiling`
  const recovered = Math.ceil((Number(row?.ceiling) * (Date.now() - before.at)) / 18_000_000)
  const room = before.balance + Number(row?.spared) + Number(row?.given) + recovered
  if (reached > 0 && reached * PRICE > room) {
    throw new Error(
      `${reached} calls reached the AI service, ${room} was there: ${JSON.stringify({ ...before, ...row, log: player.log })}`,
    )
  }
}
