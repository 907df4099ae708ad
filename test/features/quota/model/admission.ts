import { heldAt, unknownAfter } from './flush.ts'
import { type Before, recovery } from './pool.ts'
import { HELD_MS, type Player, PRICE, type World } from './world.ts'

/** So long an isolate lets somebody through for a dedicated account without asking again, or as its lease lasts. */
const BELIEVED_MS = Math.min(5_000, HELD_MS)

/** What the check has seen, for the report. */
export const seen = { bursts: 0, bounded: 0, refusing: 0, tight: 0, unknown: 0 }

/** What one transaction has written into the ledger of a pool. */
interface Booked {
  at: number
  /** What it has given, or taken: without recovery, which goes by the clock. */
  amount: number
  /** Calls of the burst that it has charged for the first time. */
  calls: number
}

export interface Burst {
  before: Before
  content: string
  size: number
  /** How many Workers have served it. */
  isolates: number
}

/**
 * What has reached the AI service was in the pool. When the last of them was let through, the pool
 * held, at some moment between then and the last that was heard of it, as much as all calls together
 * whose cost was not yet in the books: each of them holds its price until its cost is. So, for each
 * call that has reached the AI service, with those before it:
 *
 *   their price <= what was there before + recovery + what the ledger has given or taken
 *     + the price of those calls that it has charged by then, or never did
 *
 * for one state of the ledger before that moment. Beyond it goes only what ADR 9 says: nobody is
 * stopped for five seconds after their last dedicated account is gone (here two, as long as a lease);
 * what an isolate holds it may use for as long as its lease lasts, even if a ceiling has come down or
 * Redis has forgotten it.
 */
export async function checkBurst(world: World, player: Player, burst: Burst): Promise<void> {
  const { before, content, isolates } = burst
  const { requests } = await world.standIn<{
    requests: { path: string; body: string; at: string }[]
  }>(`requests?after=${before.seq}`)
  const reachedAt = requests
    .filter(({ path, body }) => path === '/v1/chat/completions' && body.includes(content))
    .map(({ at }) => Date.parse(at))
    .sort((one, other) => one - other)
  seen.bursts++
  if (before.dedicated > 0 || before.at < player.dedicatedUntil + BELIEVED_MS) return
  await world.rows.reached(player.id, player.calls)
  await world.flushing
  const last = reachedAt.at(-1) ?? 0
  const forgotten = world.flushes.filter(
    ({ from, until }) => until > before.at - HELD_MS && from <= last,
  )
  const unknown = forgotten.reduce(
    (sum, flush) => sum + unknownAfter(flush, before.key, isolates),
    0,
  )
  // Nobody is asked about it: neither a ceiling that came down nor Redis, which has forgotten it, ends it.
  const held = forgotten
    .filter(({ from }) => from <= before.at)
    .reduce((sum, flush) => sum + heldAt(flush, before.key, isolates), before.held)
  const { booked, charged } = await readLedger(world, player, before)
  const free = reachedAt.length - charged
  for (const [index, at] of reachedAt.entries()) {
    const room = roomAt({ before, booked, unknown, held }, at) + free * PRICE
    if ((index + 1) * PRICE > room) {
      throw new Error(
        `${index + 1} calls reached the AI service, ${room} was there: ${JSON.stringify({ burst, at, reachedAt, unknown, booked, free, held, forgotten: forgotten.map(({ from, until, held }) => ({ from, until, held: held.get(before.key) })), log: player.log })}`,
      )
    }
  }
  seen.bounded++
  if (unknown > 0) seen.unknown++
  if (reachedAt.length === burst.size) return
  seen.refusing++
  const room = roomAt({ before, booked, unknown, held }, last) + free * PRICE
  if ((reachedAt.length + 1) * PRICE > room) seen.tight++
}

interface Room {
  before: Before
  booked: readonly Booked[]
  /** What isolates may have that whoever asks does not know of. */
  unknown: number
  /** What isolates had without asking. */
  held: number
}

/** The most that there was by then, with the price of those that are in the books. */
function roomAt({ before, booked, unknown, held }: Room, at: number): number {
  let state = before.balance
  let most = state
  for (const { at: bookedAt, amount, calls } of booked) {
    if (bookedAt > at) break
    state += amount + calls * PRICE
    most = Math.max(most, state)
  }
  const recovering = recovery(before.ceiling, Math.max(0, at - before.at))
  return Math.max(most + recovering + unknown, held)
}

async function readLedger(world: World, player: Player, before: Before) {
  const rows = await world.sql`
    select l.xmin::text as transaction, l.created_at, l.amount, l.kind, u.id as call
    from quota_ledger l
    left join consumption_rows c on l.key like 'consumption:' || c.log_id || '%'
      and c.user_id = l.user_id
    left join usage_logs u on u.id = c.usage_id
      and u.created_at >= ${new Date(before.at).toISOString()}::timestamptz
    where l.user_id = ${player.id} and l.group_name = ${before.group} and l.id > ${before.ledgerId}
      and l.kind not in ('opening', 'recovery')
    order by l.id`
  const booked = new Map<string, Booked>()
  const charged = new Set<string>()
  for (const row of rows) {
    const transaction = String(row.transaction)
    const now = booked.get(transaction) ?? { at: +new Date(row.created_at), amount: 0, calls: 0 }
    now.amount += Number(row.amount)
    if (row.call && !charged.has(String(row.call))) {
      charged.add(String(row.call))
      now.calls++
    }
    booked.set(transaction, now)
  }
  return { booked: [...booked.values()], charged: charged.size }
}
