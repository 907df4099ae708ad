import { type Ctx, requirePerson } from '../../context.ts'
import { AppError, asAppError } from '../../errors.ts'
import { meantModel } from '../../metering/catalog/index.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import { askableModel } from '../askable-model.ts'
import { type CallRecord, startCall } from '../call-record.ts'
import { clearCall } from '../clear-call.ts'
import { withNearest } from '../nearest-models.ts'
import { withQuota } from '../quota-header.ts'
import type { NativeCall } from './calls.ts'
import { NativeExchange } from './exchange.ts'
import type { NativeInput } from './native-input.ts'
import { readNative, withModel } from './read-native.ts'

/** The protocol by which a name may mean another model. */
const FACE_OF = { responses: 'responses', messages: 'messages' } as const

/**
 * Passes a call on to a server that answers it itself: the bytes as they came, and its answer as it
 * comes. Limits, pools and books are those of every call.
 *
 * @throws {AppError} for every failure before the first byte of the answer
 */
export async function passNative(
  ctx: Ctx,
  native: NativeCall,
  input: NativeInput,
): Promise<Response> {
  const call = startCall(ctx, native.path)
  let asked = ''
  try {
    return await pass(ctx, call, native, { input, note: (model) => (asked = model) })
  } catch (thrown) {
    call.settle({ error: asAppError(thrown) })
    if (thrown instanceof AppError && asked) {
      throw await withNearest(ctx, thrown, asked)
    }
    throw thrown
  }
}

async function pass(
  ctx: Ctx,
  call: CallRecord,
  native: NativeCall,
  { input, note }: { input: NativeInput; note(model: string): void },
): Promise<Response> {
  if (requirePerson(ctx).isSilenced) {
    throw new AppError('account_silenced', 'This account may not chat. Ask an administrator.')
  }
  const said = await readNative(await input.readBody(), input.contentType)
  const asked = said.request.model
  note(asked)
  const face = native.name in FACE_OF ? FACE_OF[native.name as keyof typeof FACE_OF] : 'chat'
  const model = await meantModel(ctx, asked, face)
  const body = model === asked ? said : await withModel(said, model)
  const { request } = body
  call.describe({ model, stream: request.stream, texts: request.texts })
  const facts = await askableModel(ctx, model, asked)
  await clearCall(ctx, call, facts, native.foresee(request))
  const answer = await withoutStoreTime(
    () => new NativeExchange(ctx, { call, native, body, input }).response,
  )
  return withQuota(ctx, answer, facts, face)
}
