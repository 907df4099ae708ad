import { type Ctx, requirePerson } from '../../context.ts'
import type { AppError } from '../../errors.ts'
import { recordUsage } from '../usage/index.ts'
import type { TokenUsage } from './dialects/dialect.ts'

/** How a call ended. */
export interface Outcome {
  /** What the client saw, or would have seen had the stream not begun; 499 when it left. */
  status: number
  error?: AppError | null
  usage?: TokenUsage | null
}

/** Measures one gateway call and writes it into the books exactly once, after its last byte. */
export interface CallRecord {
  /** Unique id of the call; the completion's id is made of it. */
  readonly id: string
  describe(facts: { model: string; stream: boolean }): void
  /** The first byte of the answer is on its way. */
  markFirstByte(): void
  /** Only the first call counts. */
  settle(outcome: Outcome): void
}

export function startCall(ctx: Ctx, endpoint: string): CallRecord {
  const { userId, ...actor } = requirePerson(ctx)
  const id = ctx.random.uuid()
  const startedAt = ctx.clock.now()
  let facts: { model: string | null; stream: boolean } = { model: null, stream: false }
  let firstByteAt: number | null = null
  let isSettled = false

  return {
    id,
    describe(known) {
      facts = known
    },
    markFirstByte() {
      firstByteAt ??= ctx.clock.now()
    },
    settle({ status, error, usage }) {
      if (isSettled) return
      isSettled = true
      ctx.waitUntil(
        recordUsage(ctx, {
          id,
          requestId: ctx.requestId,
          userId,
          apiKeyId: actor.type === 'api_key' ? actor.apiKeyId : null,
          endpoint,
          ...facts,
          status,
          errorCode: error?.code ?? null,
          promptTokens: usage?.promptTokens ?? null,
          completionTokens: usage?.completionTokens ?? null,
          timeToFirstByteMs: firstByteAt === null ? null : firstByteAt - startedAt,
          durationMs: ctx.clock.now() - startedAt,
          createdAt: new Date(startedAt),
        }),
      )
    },
  }
}
