import { recovered, recovery } from './pool.ts'
import type { Player, World } from './world.ts'

/** What somebody owns of a pool, or of what their pools begin with. */
interface Owned {
  group: string
  balance: number
  /** What a lower ceiling has put away. */
  frozen: number
  ceiling: number
}

/**
 * Does something that moves what somebody owns to and fro, or writes it down, as a change of their
 * accounts and cron do: it gives nothing but what was given back for earlier calls meanwhile. Who had
 * dedicated accounts before is believed to have them until it is over.
 */
export async function changing(
  world: World,
  player: Player,
  work: () => Promise<void>,
): Promise<void> {
  const before = await look(world, player, 0)
  await work()
  const after = await look(world, player, before.ledgerId)
  if (before.dedicated > 0) player.dedicatedUntil = Date.now()
  for (const now of after.owned) {
    // A pool that was opened meanwhile began as a copy.
    const was = before.owned.find(({ group }) => group === now.group) ?? before.owned[0]
    if (!was) throw new Error('nobody is there')
    const most =
      was.balance +
      was.frozen +
      (after.given.get(now.group) ?? 0) +
      recovery(Math.max(was.ceiling, now.ceiling), after.at - before.at)
    if (now.balance + now.frozen > most) {
      throw new Error(`somebody was given something: ${JSON.stringify({ was, now, most, player })}`)
    }
  }
}

async function look(world: World, { id }: Player, ledgerId: number) {
  // In this order: nothing that is given in between may be missed.
  const [last] = await world.sql`select coalesce(max(id), 0) as id from quota_ledger`
  const rows = await world.sql`
    select '' as group_name, balance, frozen, ceiling, remainder, accrued_at, dedicated_accounts
    from quota_holders where user_id = ${id}
    union all
    select group_name, balance, frozen, ceiling, remainder, accrued_at, 0
    from quota_pools where user_id = ${id}
    order by group_name`
  const given = await world.sql`
    select group_name, sum(greatest(0, amount)) as amount from quota_ledger
    where user_id = ${id} and kind = 'use' and id > ${ledgerId} group by group_name`
  const at = Date.now()
  const owned = rows.map((row): Owned => {
    const { balance, ceiling, remainder } = row
    const [accruedAt, version] = [+new Date(row.accrued_at), 0]
    const pool = {
      accruedAt,
      version,
      balance: Number(balance),
      ceiling: Number(ceiling),
      remainder: Number(remainder),
    }
    return {
      group: String(row.group_name),
      balance: recovered(pool, at),
      frozen: Number(row.frozen),
      ceiling: pool.ceiling,
    }
  })
  return {
    at,
    owned,
    dedicated: Number(rows[0]?.dedicated_accounts ?? 0),
    ledgerId: Number(last?.id),
    given: new Map(given.map((row) => [String(row.group_name), Number(row.amount)])),
  }
}
