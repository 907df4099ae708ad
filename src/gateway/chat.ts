import { type Ctx, requirePerson } from '../context.ts'
import { AppError } from '../errors.ts'
import { askableModel } from './askable-model.ts'
import { startCall } from './call-record.ts'
import { CHAT_PATH, type ChatInput } from './chat-input.ts'
import { promptTexts, readChatRequest } from './chat-request.ts'
import { streamChat } from './chat-stream.ts'
import { wholeChat } from './chat-whole.ts'
import { clearCall } from './clear-call.ts'
import { foresee } from './foresee.ts'
import { withQuota } from './quota-header.ts'

/**
 * Answers one chat completion, streamed or whole.
 *
 * @throws {AppError} for every failure before the first byte of the answer
 */
export async function chat(ctx: Ctx, input: ChatInput): Promise<Response> {
  const call = startCall(ctx, CHAT_PATH)
  try {
    if (requirePerson(ctx).isSilenced) {
      throw new AppError('account_silenced', 'This account may not chat. Ask an administrator.')
    }
    const request = readChatRequest(new Uint8Array(await input.readBody()))
    const { model, stream } = request
    const texts = promptTexts(request)
    call.describe({ model, stream, texts })
    const facts = await askableModel(ctx, model)
    await clearCall(ctx, call, facts, foresee(request))
    const answer = await (request.stream ? streamChat : wholeChat)(ctx, call, request, input)
    return withQuota(ctx, answer, facts)
  } catch (error) {
    const failure = error instanceof AppError ? error : new AppError('internal_error')
    call.settle({ error: failure })
    throw error
  }
}
