import type { Player, World } from './world.ts'

/** A pool recovers a fifth of its ceiling an hour: so many milliseconds for one 1/10,000 unit of a ceiling of one. */
const RECOVERY = 18_000_000
/** So long the gate may lag behind the books: a round trip, on a busy machine. */
const LAG_MS = 10_000
const LOOK_MS = 10

/** A pool as it was written down somewhere; amounts in 1/10,000 unit, times in milliseconds. */
interface Pool {
  balance: number
  accruedAt: number
  remainder: number
  ceiling: number
  version: number
}

/** What somebody could draw before a burst. */
export interface Before {
  group: string
  key: string
  at: number
  balance: number
  /** What isolates held: a ceiling that comes down, and a debt found late, take nothing away from it. */
  held: number
  ceiling: number
  /** Nobody with dedicated accounts is stopped by their pool. */
  dedicated: number
  /** The last row of the ledger. */
  ledgerId: number
  /** The last request that the AI service has seen. */
  seq: number
}

/** Waits until every call is in the books and the gate knows what is in them. */
export async function poolNow(world: World, player: Player, group: string): Promise<Before> {
  await world.rows.reached(player.id, player.calls)
  const key = `pool:${player.id}:${group}`
  const { latest } = await world.standIn<{ latest: number }>('requests?after=999999999')
  const deadline = Date.now() + LAG_MS
  for (;;) {
    const books = await readBooks(world, player, group)
    const gate = await readGate(world, player, key)
    const at = Date.now()
    const balance = recovered(books.pool, at)
    if (!gate.pool || recovered(gate.pool, at) === balance) {
      if (gate.held < 0) throw new Error(`${key} is held by less than nobody: ${gate.held}`)
      const { dedicated, ledgerId } = books
      const { ceiling } = books.pool
      return { group, key, at, balance, held: gate.held, ceiling, dedicated, ledgerId, seq: latest }
    }
    if (at > deadline) {
      throw new Error(
        `the gate does not hear of what is in the books: ${JSON.stringify({ books, gate, log: player.log })}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function readBooks(world: World, { id }: Player, group: string) {
  const [row] = await world.sql`
    select coalesce(p.balance, h.balance) as balance,
      floor(extract(epoch from coalesce(p.accrued_at, h.accrued_at)) * 1000) as at,
      coalesce(p.remainder, h.remainder) as remainder, coalesce(p.ceiling, h.ceiling) as ceiling,
      coalesce(p.version, h.version) as version, h.dedicated_accounts as dedicated,
      (select coalesce(max(id), 0) from quota_ledger where user_id = h.user_id) as ledger_id
    from quota_holders h
    left join quota_pools p on p.user_id = h.user_id and p.group_name = ${group}
    where h.user_id = ${id}`
  const pool: Pool = {
    balance: Number(row?.balance),
    accruedAt: Number(row?.at),
    remainder: Number(row?.remainder),
    ceiling: Number(row?.ceiling),
    version: Number(row?.version),
  }
  return { pool, dedicated: Number(row?.dedicated), ledgerId: Number(row?.ledger_id) }
}

/** What the gate would go by, and what isolates hold. */
async function readGate(world: World, { id }: Player, key: string) {
  const flat = await world.redis<string[]>('HGETALL', key)
  const fields = new Map<string, string>()
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '')
  const copy = fields.get('p') ?? (await world.redis<string | null>('HGET', `pool:${id}`, 'p'))
  fields.delete('p')
  const now = Date.now()
  let held = 0
  for (const claim of fields.values()) {
    const [amount = 0, until = 0] = claim.split(':').map(Number)
    if (amount < 0) throw new Error(`${key} is held by less than nobody: ${claim}`)
    if (until > now) held += amount
  }
  if (!copy) return { pool: null, held }
  const [balance = 0, accruedAt = 0, remainder = 0, ceiling = 0, version = 0] = copy
    .split(':')
    .map(Number)
  return { pool: { balance, accruedAt, remainder, ceiling, version }, held }
}

/** What is in a pool at a moment. */
export function recovered({ balance, accruedAt, remainder, ceiling }: Pool, now: number): number {
  if (balance >= ceiling || now <= accruedAt) return balance
  return Math.min(
    ceiling,
    balance + Math.floor((remainder + ceiling * (now - accruedAt)) / RECOVERY),
  )
}

/** The most that can come back meanwhile. */
export function recovery(ceiling: number, ms: number): number {
  return Math.ceil((ceiling * ms) / RECOVERY)
}

/** As if time had passed for somebody's pools: in the books, and for the gate. */
export async function letPass(world: World, { id }: Player, minutes: number): Promise<void> {
  for (const table of ['quota_pools', 'quota_holders']) {
    await world.sql.query(
      `update ${table} set accrued_at = accrued_at - make_interval(mins => $2),
        version = version + 1 where user_id = $1`,
      [id, minutes],
    )
  }
  const rows = await world.sql`
    select ':' || group_name as suffix, p.balance, p.accrued_at, p.remainder, p.ceiling, p.version,
      h.shared_accounts, h.dedicated_accounts
    from quota_pools p join quota_holders h using (user_id) where user_id = ${id}
    union all
    select '', balance, accrued_at, remainder, ceiling, version, shared_accounts,
      dedicated_accounts from quota_holders where user_id = ${id}`
  for (const row of rows) {
    const numbers = [row.balance, +new Date(row.accrued_at), row.remainder, row.ceiling]
    const copy = [...numbers, row.version, row.shared_accounts, row.dedicated_accounts].join(':')
    await world.redis('EVAL', TELL, 1, `pool:${id}${row.suffix}`, copy, Number(row.version))
  }
}

/** Nothing is told to whoever knows nothing, or knows better. */
const TELL = `
local p = redis.call('HGET', KEYS[1], 'p')
local version = p and string.match(p, '^[^:]*:[^:]*:[^:]*:[^:]*:([^:]*)')
if version and tonumber(version) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'p', ARGV[1]) end
return version`
