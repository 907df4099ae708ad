import { type Ctx, requirePerson } from '../../context.ts'
import { textStream } from '../../platform/http/text-stream.ts'
import { getMe } from '../accounts/index.ts'
import { auditRow } from '../audit/index.ts'
import { toProfile } from './profile.ts'
import { listEventsForExport, listKeysForExport, listUsageForExport } from './queries.ts'

const PAGE = 1_000

/**
 * Everything that is known about the person, as one JSON document. It is read and written page by
 * page, since a person may have made very many calls.
 */
export async function exportData(ctx: Ctx): Promise<ReadableStream<Uint8Array>> {
  const { db } = ctx.services
  const { userId } = requirePerson(ctx)
  // Read before the first byte, so that an outage is an answer of its own.
  const [user, keys] = await Promise.all([getMe(ctx), listKeysForExport(db, userId)])
  await auditRow(ctx, { event: 'account.exported', userId })

  async function* pieces() {
    yield `{"user":${JSON.stringify(toProfile(user))},"api_keys":${JSON.stringify(keys)},"events":[`
    yield* rows((last: { id: number } | undefined) =>
      listEventsForExport(db, userId, last?.id ?? 0, PAGE),
    )
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
