import * as z from 'zod'

/** Of a call whose process died; written by cron, and replaced should the call turn out to be alive. */
export const INTERRUPTED = 'interrupted'

/** Of a call that was answered well, with nothing that a client can go on with. */
export const EMPTY = 'empty_answer'

/** The largest number that a count's column holds. */
const MAX_COUNT = 2_147_483_647

/**
 * A count as the books can keep it, whatever somebody claims to have counted: a whole number from 0 to
 * 2,147,483,647. What is no number counts nothing.
 */
export function storableCount(claimed: number): number {
  return Number.isNaN(claimed) ? 0 : Math.min(Math.max(0, Math.round(claimed)), MAX_COUNT)
}

const count = z.number().transform(storableCount)

/**
 * One row of the books as it travels: through Redis while PostgreSQL is away, and into the one
 * statement that writes many.
 */
export const UsageRow = z.object({
  id: z.uuid(),
  requestId: z.string(),
  userId: z.int(),
  apiKeyId: z.int().nullable(),
  endpoint: z.string(),
  model: z.string().nullable(),
  stream: z.boolean(),
  /** HTTP status that the client saw, or would have seen had the stream not begun; 499: it left. */
  status: z.int(),
  errorCode: z.string().nullable(),
  promptTokens: count.nullable(),
  completionTokens: count.nullable(),
  /** Whether the tokens are our estimate. */
  estimated: z.boolean(),
  timeToFirstByteMs: count.nullable(),
  durationMs: count,
  /** ISO time. */
  createdAt: z.iso.datetime(),
})

export type UsageRow = z.output<typeof UsageRow>
