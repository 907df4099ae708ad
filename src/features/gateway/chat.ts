import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { startCall } from './call-record.ts'
import { CHAT_PATH, type ChatInput } from './chat-input.ts'
import { promptTexts, readChatRequest } from './chat-request.ts'
import { streamChat } from './chat-stream.ts'
import { wholeChat } from './chat-whole.ts'

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
    call.describe({ model, stream, texts: promptTexts(request) })
    await ctx.cleared()
    return await (request.stream ? streamChat : wholeChat)(ctx, call, request, input)
  } catch (error) {
    const failure = error instanceof AppError ? error : new AppError('internal_error')
    call.settle({ error: failure })
    throw error
  }
}
