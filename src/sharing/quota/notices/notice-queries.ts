import { type SQL, sql } from 'drizzle-orm'
import { users } from '../../../db/schema/index.ts'
import { mailRows } from '../../../notices/mail/index.ts'
import { webhookRows } from '../../../notices/webhooks/index.ts'
import { PER_UNIT } from '../../../platform/units.ts'

/** When somebody is told that little of a pool is left, and how. */
export interface Notices {
  /** Of the ceiling; 0: never. */
  percent: number
  /** Makes the messages' ids unique. */
  key: string
  isByMail: boolean
  isByWebhook: boolean
}

/** Back at so many times the threshold, a pool counts as recovered. */
const RECOVERED = 2

/**
 * Goes with the statement that draws from pools, so that what is told and that it was told are written
 * together, or not at all. A pool is told of when it goes from the threshold or above to below it, and
 * again only after it had recovered. What it has recovered in the meantime matters only here, so that
 * nothing else has to take the note back.
 *
 * `judged`: the rows of `moved`, which need was_low and accrued, with is_low and is_told.
 */
export function noticing({ percent, key, isByMail, isByWebhook }: Notices, at: Date): SQL {
  const limit = sql`m.ceiling * ${percent}::bigint`
  const wasLow = sql`(m.was_low and m.accrued * 100 < ${RECOVERED}::bigint * ${limit})`
  const falls = sql`(${limit} > 0 and not ${wasLow}
    and m.accrued * 100 >= ${limit} and m.balance * 100 < ${limit})`
  const id = (kind: string) =>
    sql`md5(concat_ws(':', ${kind}::text, ${key}::text, m.user_id, m.group_name))::uuid`
  const units = (amount: SQL) => sql`(${amount} / ${PER_UNIT}::numeric)::float8`
  const pool = sql`
    'group', m.group_name, 'balance', ${units(sql`m.balance`)}, 'ceiling', ${units(sql`m.ceiling`)}`
  const told = sql`judged m join ${users} u on u.id = m.user_id where m.is_told`
  return sql`
    judged as (
      select m.*, ${wasLow} or ${falls} as is_low, ${falls} as is_told
      from moved m),
    mailed as (${mailRows(
      'quota_low',
      sql`
        select ${id('mail')}, u.id, u.email, jsonb_build_object(${pool})
        from ${told} and ${isByMail} and u.email_verified_at is not null and u.is_active
          and u.wants_quota_mail`,
      at,
    )}),
    announced as (${webhookRows(
      'quota.low',
      sql`
        select ${id('webhook')}, u.id, json_build_object(
          'user_id', u.id, 'username', u.username, ${pool}, 'threshold_percent', ${percent}::int)
        from ${told} and ${isByWebhook}`,
      at,
    )})`
}
