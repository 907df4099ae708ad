import * as z from 'zod'

/** Of a call whose process died; written by cron, and replaced should the call turn out to be alive. */
export const INTERRUPTED = 'interrupted'

/** Of a call that was answered well, with nothing that a client can go on with. */
export const EMPTY = 'empty_answer'

const count = z.int().nonnegative()

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
  timeToFirstByteMs: z.int().nullable(),
  durationMs: z.int(),
  /** ISO time. */
  createdAt: z.iso.datetime(),
})

export type UsageRow = z.output<typeof UsageRow>
