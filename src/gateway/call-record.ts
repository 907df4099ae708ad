import { type Ctx, type Person, requirePerson } from '../context.ts'
import type { AppError } from '../errors.ts'
import {
  EMPTY,
  INTERRUPTED,
  openCall,
  storableCount,
  type UsageRow,
} from '../metering/usage/index.ts'
import { budgetsOf, type Claim, renewClaims, settleCall } from '../sharing/quota/index.ts'
import type { TokenUsage } from './dialects/index.ts'
import { completed } from './estimate.ts'
import { ClientGone } from './upstream.ts'

/** The client went away before its answer was complete (nginx's number for it). */
const CLIENT_GONE_STATUS = 499

const NOTHING_COUNTED: TokenUsage = { promptTokens: 0, completionTokens: 0 }

/** How a call ended; without an error it ended well. */
export interface Outcome {
  error?: AppError | null
  /** What the AI service counted. */
  usage?: TokenUsage | null
  /** What the model had said, for the estimate where nothing was counted. */
  producedBytes?: number
  /** It ended well, and says nothing that a client can go on with: many then ask again. */
  isEmpty?: boolean
}

/** What is known of a call once its request has been read. */
export interface CallFacts {
  model: string
  stream: boolean
  /** What the model reads, for the estimate. */
  texts: string[]
}

/** Measures one gateway call and writes it into the books exactly once, after its last byte. */
export interface CallRecord {
  /** Unique id of the call; the completion's id is made of it. */
  readonly id: string
  describe(facts: CallFacts): void
  /** What has been reserved for it. */
  hold(claims: readonly Claim[]): void
  /** The first byte of the answer is on its way. */
  markFirstByte(): void
  /** Says that the call is still running, should this process die. */
  renew(): void
  renewedAt(): number
  readonly renewEveryMs: number
  /** Where the lease learns how much has been said so far. */
  producing(bytes: () => number): void
  /** The call was not made, and leaves nothing in the books. */
  discard(): void
  /** Only the first call counts. */
  settle(outcome: Outcome): void
}

/** Opens the record of a call of `endpoint`. */
export function startCall(ctx: Ctx, endpoint: string): CallRecord {
  const person = requirePerson(ctx)
  const id = ctx.random.uuid()
  const startedAt = ctx.clock.now()
  let facts: CallFacts | null = null
  let firstByteAt: number | null = null
  let producedBytes = () => 0
  let claims: readonly Claim[] = []
  let isSettled = false

  const rowOf = (outcome: Outcome, now: number): UsageRow => {
    const error = outcome.error ?? null
    const isGone = error instanceof ClientGone
    const produced = outcome.producedBytes ?? 0
    // A request that failed before the model said a word has used nothing that anybody knows of.
    const isEstimable = outcome.usage || produced > 0 || isGone || !error
    const usage =
      facts && isEstimable
        ? completed(outcome.usage ?? NOTHING_COUNTED, facts.texts, produced)
        : { ...(outcome.usage ?? null), isEstimated: false }
    return {
      id,
      requestId: ctx.requestId,
      userId: person.userId,
      apiKeyId: person.type === 'api_key' ? person.apiKeyId : null,
      endpoint,
      // The books keep text that every database can keep.
      model: facts?.model.toWellFormed().replaceAll('\0', '') ?? null,
      stream: facts?.stream ?? false,
      status: isGone ? CLIENT_GONE_STATUS : (error?.status ?? 200),
      errorCode: isGone ? 'client_gone' : (error?.code ?? (outcome.isEmpty ? EMPTY : null)),
      promptTokens: usage.promptTokens === undefined ? null : storableCount(usage.promptTokens),
      completionTokens:
        usage.completionTokens === undefined ? null : storableCount(usage.completionTokens),
      estimated: usage.isEstimated,
      timeToFirstByteMs: firstByteAt === null ? null : firstByteAt - startedAt,
      durationMs: now - startedAt,
      createdAt: new Date(startedAt).toISOString(),
    }
  }

  const lease = openCall(ctx, id, () => ({
    ...rowOf({ producedBytes: producedBytes() }, ctx.clock.now()),
    status: 500,
    errorCode: INTERRUPTED,
  }))

  return {
    id,
    renewEveryMs: lease.renewEveryMs,
    renew() {
      lease.renew()
      ctx.waitUntil(renewClaims(ctx))
    },
    renewedAt: lease.renewedAt,
    describe(known) {
      facts = known
    },
    hold(held) {
      claims = held
    },
    markFirstByte() {
      firstByteAt ??= ctx.clock.now()
    },
    producing(bytes) {
      producedBytes = bytes
    },
    discard() {
      if (isSettled) return
      isSettled = true
      ctx.services.leases.cancel(claims)
      lease.discard()
    },
    settle(outcome) {
      if (isSettled) return
      isSettled = true
      const now = ctx.clock.now()
      ctx.services.leases.release(claims)
      const row = rowOf(outcome, now)
      if (row.errorCode === EMPTY) {
        ctx.logger.log('warn', EMPTY, { request_id: row.requestId, model: row.model })
      }
      settleCall(ctx, {
        row,
        // What the AI service itself has said has no cause.
        isCut: outcome.error?.code === 'upstream_error' && outcome.error.cause !== undefined,
        claims,
        budgets: budgetsOf(person, now),
        consumer: consumerOf(person),
        hasLease: lease.close(),
      })
    },
  }
}

function consumerOf({ userId, pluginKeyCiphertext }: Person) {
  return pluginKeyCiphertext === null ? null : { userId, pluginKeyCiphertext }
}
