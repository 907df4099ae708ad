import { type Ctx, requirePerson } from '../../context.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { textStream } from '../../platform/http/text-stream.ts'
import { listLedger, listLent, showQuotas } from '../../sharing/quota/index.ts'
import { getMe } from '../accounts/index.ts'
import { pendingEmailChange } from '../email-address/index.ts'
import { readSecondFactor } from '../mfa/index.ts'
import { listSessions } from '../sessions/index.ts'
import { listOwnIdentities } from '../sso/index.ts'
import { toProfile } from './profile.ts'
import { listEventsForExport, listKeysForExport, listUsageForExport } from './queries.ts'

const PAGE = 1_000

/**
 * Everything that is known about the person, as one JSON document without secrets. What a person may
 * have very much of (events, calls, changes of pools) is read and written page by page.
 */
export async function exportData(ctx: Ctx): Promise<ReadableStream<Uint8Array>> {
  const { db } = ctx.services
  const { userId } = requirePerson(ctx)
  // Read before the first byte, so that an outage is an answer of its own.
  const facts = JSON.stringify(await readFacts(ctx, userId))
  await auditRow(ctx, { event: 'account.exported', userId })

  async function* pieces() {
    yield `${facts.slice(0, -1)},"events":[`
    yield* rows((last: { id: number } | undefined) =>
      listEventsForExport(db, userId, last?.id ?? 0, PAGE),
    )
    yield '],"quota_ledger":['
    yield* rows((last: { id: number } | undefined) => ledgerBefore(ctx, last?.id))
    yield '],"usage":['
    yield* rows((last: { id: string; created_at: Date } | undefined) =>
      listUsageForExport(
        db,
        userId,
        last ? { id: last.id, createdAt: last.created_at } : null,
        PAGE,
      ),
    )
    yield ']}\n'
  }
  return textStream(pieces())
}

/** What there is little of. */
async function readFacts(ctx: Ctx, userId: number) {
  const [user, keys, identities, sessions, secondFactor, change, lent, quotas] = await Promise.all([
    getMe(ctx),
    listKeysForExport(ctx.services.db, userId),
    listOwnIdentities(ctx),
    listSessions(ctx),
    readSecondFactor(ctx),
    pendingEmailChange(ctx),
    listLent(ctx),
    showQuotas(ctx),
  ])
  return {
    user: toProfile(user),
    api_keys: keys,
    identities,
    sessions,
    second_factor: secondFactor,
    email_change: change,
    lent_accounts: lent,
    quotas,
  }
}

/** A page of the changes of the person's pools, the newest first. */
async function ledgerBefore(ctx: Ctx, cursor: number | undefined) {
  const page = await listLedger(ctx, { group: undefined, kind: undefined, cursor, limit: PAGE })
  return page.items
}

/** All rows as the inside of a JSON array. */
async function* rows<Row>(readAfter: (last: Row | undefined) => Promise<Row[]>) {
  let last: Row | undefined
  for (;;) {
    const page = await readAfter(last)
    if (page.length > 0) {
      yield (last === undefined ? '' : ',') + page.map((row) => JSON.stringify(row)).join(',')
    }
    last = page.at(-1)
    if (page.length < PAGE) return
  }
}
