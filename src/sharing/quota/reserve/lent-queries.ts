import { asc, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { HELD, HELD_OFF, lentAccounts, users } from '../../../db/schema/index.ts'

/** One of somebody's accounts, as the ledger has to know it. */
export interface NotedAccount {
  cookieId: string
  isShared: boolean
  /** Whether the plug-in may choose it. */
  isUsable: boolean
}

const oneOf = (states: readonly string[]) =>
  sql`(${sql.join(
    states.map((state) => sql`${state}`),
    sql`, `,
  )})`

function accountRows(accounts: readonly NotedAccount[]): SQL {
  return sql`jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)
    as a("cookieId" text, "isShared" boolean, "isUsable" boolean)`
}

/**
 * `counted`: what somebody's usable accounts count. One that is held back is lent, as its owner
 * wants it, and at the same time one that they alone draw from.
 */
export function counting(userId: number, accounts: readonly NotedAccount[]): SQL {
  return sql`
    counted as (
      select count(*) filter (where is_lent)::int as shared_accounts,
        count(*) filter (where not "isShared")::int as dedicated_accounts,
        count(*) filter (where is_held)::int as held_back_accounts
      from (
        select a."isShared", a."isShared" or l.cookie_id is not null as is_lent,
          not a."isShared" and l.cookie_id is not null as is_held
        from ${accountRows(accounts)}
        left join ${lentAccounts} l on l.cookie_id = a."cookieId" and l.user_id = ${userId}
          and l.hold in ${oneOf(HELD)}
        where a."isUsable" or (a."isShared" and l.hold in ${oneOf(HELD_OFF)})) usable)`
}

/**
 * Writes down which accounts somebody lends: all of `accounts` that are shared, and those that are
 * held back. What its owner has taken back or deleted is forgotten, and with it what was intended.
 */
export function noteLent(db: Database, userId: number, accounts: readonly NotedAccount[]) {
  return db.execute(sql`
    with listed as (select * from ${accountRows(accounts)}),
    forgotten as (
      delete from ${lentAccounts} l where
        (l.user_id = ${userId} and not exists (
          select 1 from listed a where a."cookieId" = l.cookie_id))
        or ((l.user_id = ${userId} or l.user_id is null) and coalesce(l.hold, '') not in ${oneOf(HELD)}
          and exists (select 1 from listed a where a."cookieId" = l.cookie_id and not a."isShared")))
    insert into ${lentAccounts} as l (cookie_id, user_id)
    select "cookieId", ${users.id} from listed join ${users} on ${users.id} = ${userId}
    where "isShared" order by "cookieId"
    on conflict (cookie_id) do update set user_id = excluded.user_id
      where l.user_id is distinct from excluded.user_id`)
}

/**
 * Goes with the statement that settles: notes the shared accounts of `unseen` that have come down to
 * the reserve, so that what was used and that it has to be seen to are written together.
 *
 * @param reserve in 1/10,000 of an account's quota, above 0
 */
export function falling(reserve: number, at: SQL): SQL {
  return sql`
    fallen as (
      insert into ${lentAccounts} as l (cookie_id, hold, model, quota_left, look_at)
      select distinct on ("cookieId") "cookieId", 'fallen', model, "quotaAfter", ${at}
      from unseen where "isShared" and "quotaAfter" <= ${reserve}::int
      order by "cookieId", "consumedAt" desc, "quotaAfter"
      on conflict (cookie_id) do update set hold = 'fallen', model = excluded.model,
        quota_left = excluded.quota_left, held_until = null, look_at = excluded.look_at, attempts = 0
      where l.hold is null or (l.hold = 'waived' and coalesce(l.held_until, ${at}) <= ${at}))`
}

/** What is written down about the accounts that somebody lends. */
export function readLent(db: Database, userId: number) {
  return db
    .select()
    .from(lentAccounts)
    .where(eq(lentAccounts.userId, userId))
    .orderBy(asc(lentAccounts.cookieId))
}

/** Whether one of these accounts waits to be looked at. */
export function anyFallen(db: Database, cookieIds: readonly string[], at: SQL) {
  return db.execute(sql`
    select 1 from ${lentAccounts} where hold = 'fallen' and look_at <= ${at} and cookie_id in (
      select jsonb_array_elements_text(${JSON.stringify(cookieIds)}::jsonb)) limit 1`)
}
