import { type Ctx, requirePerson } from '../context.ts'
import type { Face } from '../db/schema/index.ts'
import { AppError, asAppError } from '../errors.ts'
import { type ModelFacts, meantModel } from '../metering/catalog/index.ts'
import { withMember } from '../platform/json-members.ts'
import { withoutStoreTime } from '../platform/store-time.ts'
import { askableModel } from './askable-model.ts'
import { type CallRecord, startCall } from './call-record.ts'
import { CHAT_PATH, type ChatInput } from './chat-input.ts'
import { type ChatRequest, promptTexts, readChatRequest } from './chat-request.ts'
import { streamChat } from './chat-stream.ts'
import { wholeChat } from './chat-whole.ts'
import { clearCall } from './clear-call.ts'
import { dialectOf } from './dialects/index.ts'
import { readFaceRequest } from './faces/chat-of.ts'
import type { ReadRequest } from './faces/face.ts'
import { withKeptSignatures } from './faces/kept-signatures.ts'
import { foresee } from './foresee.ts'
import { withNearest } from './nearest-models.ts'
import { quotaHeaders, withQuota } from './quota-header.ts'

/**
 * Answers one chat completion, streamed or whole.
 *
 * @throws {AppError} for every failure before the first byte of the answer
 */
export function chat(ctx: Ctx, input: ChatInput): Promise<Response> {
  return converse(ctx, startCall(ctx, CHAT_PATH), input, { face: 'chat', read: readChatRequest })
}

/**
 * Answers the same in another protocol.
 *
 * @param endpoint names the call in the books
 * @param face the protocol, by which a name may mean another model
 * @throws {AppError} for every failure before the first byte of the answer
 */
export function chatThrough(
  ctx: Ctx,
  endpoint: string,
  input: ChatInput,
  face: Exclude<Face, 'any'>,
  read: ReadRequest,
): Promise<Response> {
  const call = startCall(ctx, endpoint)
  const facts = {
    id: call.id.replaceAll('-', ''),
    createdAt: ctx.clock.now(),
    requestId: ctx.requestId,
  }
  return converse(ctx, call, input, {
    face,
    read: (bytes) => readFaceRequest(bytes, read, facts),
  })
}

/** How a caller speaks. */
interface Speech {
  face: Exclude<Face, 'any'>
  read(bytes: Uint8Array<ArrayBuffer>): ChatRequest
}

async function converse(
  ctx: Ctx,
  call: CallRecord,
  input: ChatInput,
  { face, read }: Speech,
): Promise<Response> {
  let asked = ''
  let facts: ModelFacts | null = null
  try {
    if (requirePerson(ctx).isSilenced) {
      throw new AppError('account_silenced', 'This account may not chat. Ask an administrator.')
    }
    const said = read(await input.readBody())
    asked = said.model
    const model = await meantModel(ctx, asked, face)
    const request = model === asked ? said : withModel(said, model)
    const { stream } = request
    const texts = promptTexts(request.fields)
    call.describe({ model, stream, texts })
    const dialect = dialectOf(ctx)
    dialect.check?.(request)
    facts = await askableModel(ctx, model, asked)
    const [signed] = await Promise.all([
      withKeptSignatures(ctx, request),
      clearCall(ctx, call, facts, foresee(request)),
    ])
    const answer = await withoutStoreTime(() =>
      (stream ? streamChat : wholeChat)(ctx, call, signed, input),
    )
    warn(answer, dialect.unheeded?.(request) ?? [])
    return withQuota(ctx, answer, facts, face)
  } catch (error) {
    const failure = asAppError(error)
    call.settle({ error: failure })
    if (failure.code === 'insufficient_quota' && facts) {
      for (const [name, value] of quotaHeaders(ctx, facts, face)) failure.headers[name] ??= value
    }
    if (error instanceof AppError) throw await withNearest(ctx, error, asked)
    throw error
  }
}

/** The same request of another model; the rest of its bytes stay as they came. */
function withModel(request: ChatRequest, model: string): ChatRequest {
  const text = withMember(new TextDecoder().decode(request.bytes), 'model', JSON.stringify(model))
  return {
    ...request,
    model,
    bytes: Uint8Array.from(new TextEncoder().encode(text)),
    fields: { ...request.fields, model },
  }
}

/** https://www.rfc-editor.org/rfc/rfc9111#section-5.5 has retired the header; no other says it that logs show. */
function warn(answer: Response, unheeded: readonly string[]): void {
  if (unheeded.length === 0) return
  const text = `This AI service does not heed: ${unheeded.join(', ')}`
  answer.headers.set('warning', `299 - "${text}"`)
}
