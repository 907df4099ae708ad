import { type Ctx, requirePerson } from '../../context.ts'
import type { ChatRequest } from '../chat-request.ts'
import { isObject, type JsonObject } from '../dialects/fields.ts'
import { signatureOf } from './answer.ts'
import { toClientId } from './tool-ids.ts'

/** As long as somebody works with the tools that one answer has called. */
const KEPT_SECONDS = 3_600
const MAX_HELD = 2_000

/** What this isolate has seen lately, oldest first: the next turn of a loop usually comes back to it. */
const held = new Map<string, string>()

const keyOf = (userId: number, id: string) => `thought:${userId}:${id}`

/**
 * Keeps signatures of thoughts for the turns to come, for clients whose protocol has no place for
 * them. Returns at once; what cannot be kept is not missed by anybody but the model.
 */
export function keepSignatures(ctx: Ctx, signatures: ReadonlyMap<string, string>): void {
  if (signatures.size === 0) return
  const { userId } = requirePerson(ctx)
  const pipeline = ctx.services.redis.pipeline()
  for (const [id, signature] of signatures) {
    const key = keyOf(userId, id)
    held.set(key, signature)
    pipeline.set(key, signature, { ex: KEPT_SECONDS })
  }
  for (const key of held.keys()) {
    if (held.size <= MAX_HELD) break
    held.delete(key)
  }
  ctx.waitUntil(pipeline.exec().catch(() => undefined))
}

/**
 * The request with the signatures that its tool calls had when they were made. Only a request that goes
 * on with results of tools, to a model that signs its thoughts, and whose calls have come without, is
 * looked after; Redis is asked only for what this isolate has not seen.
 */
export async function withKeptSignatures(ctx: Ctx, request: ChatRequest): Promise<ChatRequest> {
  const calls = unsignedCalls(ctx, request)
  if (calls.length === 0) return request
  const { userId } = requirePerson(ctx)
  const keys = calls.map(({ id }) => keyOf(userId, toClientId(String(id))))
  const known = keys.some((key) => held.has(key))
    ? keys.map((key) => held.get(key) ?? null)
    : await ctx.services.redis.mget<(string | null)[]>(...keys).catch(() => [])
  let isChanged = false
  for (const [index, call] of calls.entries()) {
    const signature = known[index]
    if (typeof signature !== 'string') continue
    call.extra_content = { google: { thought_signature: signature } }
    isChanged = true
  }
  if (!isChanged) return request
  const bytes = new TextEncoder().encode(JSON.stringify(request.fields))
  return { ...request, bytes: bytes as Uint8Array<ArrayBuffer> }
}

/** The calls of the tool loop that is under way. */
function unsignedCalls({ config }: Ctx, { writer, model, fields }: ChatRequest): JsonObject[] {
  const { messages } = fields
  const isLooked = config.PLUGIN_API_DIALECT === 'antigravity' && model.startsWith('gemini-')
  if (!writer || !isLooked || messages.at(-1)?.role !== 'tool') return []
  const begin = messages.findLastIndex(({ role }) => role === 'user')
  const calls = messages
    .slice(begin + 1)
    .flatMap(({ tool_calls }) => (tool_calls ?? []).filter(isObject))
  return calls.some((call) => signatureOf(call) !== null) ? [] : calls
}
