import { estimateUsage, type Generation, type Part, type ToolCall, type Usage } from './answers.ts'
import { callingUser } from './auth.ts'
import { type ChatRequest, conversationText, readChatRequest } from './chat-request.ts'
import { EventStream } from './event-stream.ts'
import type { Exchange } from './exchange.ts'
import { generate } from './generation.ts'
import { begin, refuseEarly, settle, type Use } from './inference.ts'
import { isNewer } from './models.ts'
import type { Plugin } from './plugin.ts'
import { Refusal } from './refusal.ts'
import { imageTooLarge, UpstreamFailure } from './upstream-failure.ts'

const MAX_SWITCHES = 5
const SYSTEMS = ['antigravity', 'kiro', 'qwen']

/** `POST /v1/chat/completions` */
export async function completeChat(plugin: Plugin, exchange: Exchange): Promise<void> {
  const { reply } = exchange
  if (exchange.body === undefined) {
    return reply.errorPage(
      500,
      "TypeError: Cannot destructure property 'messages' of 'req.body' as it is undefined.",
    )
  }
  const request = readChatRequest(exchange.body)
  const user = callingUser(exchange)
  refuseUnknownSystem(plugin, exchange)
  const armed = reply.fault
  refuseEarly(armed, request.model)
  let started: { use: Use; answer: Generation }
  try {
    started = await begin(
      plugin,
      { user, model: request.model, maxSwitches: MAX_SWITCHES, armed },
      async () => {
        if (request.imageTooLarge) throw imageTooLarge()
        return generate(plugin, request, armed)
      },
    )
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error
    if (!request.stream) return answerFailure(plugin, exchange, request, error)
    const stream = new EventStream(reply)
    await stream.begin()
    return streamFailure(plugin, stream, request, error)
  }
  return request.stream
    ? streamAnswer(plugin, exchange, request, started.use, started.answer)
    : answerWhole(plugin, exchange, request, started.use, started.answer)
}

/** The newer version looks at the header; the older one takes whatever is none of its names for its own. */
function refuseUnknownSystem(plugin: Plugin, exchange: Exchange): void {
  const system = exchange.request.headers['x-account-type']
  if (!isNewer(plugin) || typeof system !== 'string' || SYSTEMS.includes(system)) return
  throw new Refusal(400, `不支持的账号类型: ${system}`)
}

async function streamAnswer(
  plugin: Plugin,
  exchange: Exchange,
  request: ChatRequest,
  use: Use,
  generation: Generation,
): Promise<void> {
  const stream = new EventStream(exchange.reply)
  await stream.begin()
  const parts: Part[] = []
  const chunk = chunkMaker(plugin, request)
  try {
    for await (const part of generation.parts) {
      parts.push(part)
      await stream.chunk(chunk(delta(part)))
    }
  } catch (error) {
    // What broke midway is neither logged nor charged.
    if (!(error instanceof UpstreamFailure)) throw error
    return streamFailure(plugin, stream, request, error)
  }
  await plugin.pacer.sleep(plugin.settings.chat.finishDelayMs)
  await settle(plugin, use, exchange.reply.fault)
  const usage = generation.usage() ?? estimateUsage(conversationText(request), parts)
  await stream.finish({ ...chunk({}, finishReason(parts)), usage })
}

async function answerWhole(
  plugin: Plugin,
  exchange: Exchange,
  request: ChatRequest,
  use: Use,
  generation: Generation,
): Promise<void> {
  const parts: Part[] = []
  try {
    for await (const part of generation.parts) parts.push(part)
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error
    return answerFailure(plugin, exchange, request, error)
  }
  await plugin.pacer.sleep(plugin.settings.chat.finishDelayMs)
  await settle(plugin, use, exchange.reply.fault)
  const usage = generation.usage() ?? estimateUsage(conversationText(request), parts)
  return exchange.reply.json(200, completion(plugin, request, parts, usage))
}

/** On a stream an error looks like content; only the missing `usage` gives it away. */
async function streamFailure(
  plugin: Plugin,
  stream: EventStream,
  request: ChatRequest,
  failure: UpstreamFailure,
): Promise<void> {
  const chunk = chunkMaker(plugin, request)
  await stream.chunk(chunk({ content: `\n\n错误: ${failure.streamText}` }))
  await stream.finish(chunk({}, 'stop'))
}

function answerFailure(
  plugin: Plugin,
  exchange: Exchange,
  request: ChatRequest,
  failure: UpstreamFailure,
): Promise<void> {
  if (failure.status !== undefined) throw new Refusal(failure.status, failure.plainText)
  const parts = [{ content: failure.plainText }]
  const usage = estimateUsage(conversationText(request), parts)
  return exchange.reply.json(200, completion(plugin, request, parts, usage))
}

function completion(plugin: Plugin, request: ChatRequest, parts: readonly Part[], usage: Usage) {
  const reasoning = parts.map((part) => ('reasoning' in part ? part.reasoning : '')).join('')
  const content = parts.map((part) => ('content' in part ? part.content : '')).join('')
  const calls = parts.flatMap((part) => ('toolCalls' in part ? part.toolCalls : []))
  const message: {
    role: 'assistant'
    content: string
    reasoning_content?: string
    tool_calls?: ToolCall[]
  } = { role: 'assistant', content }
  if (reasoning !== '') message.reasoning_content = reasoning
  if (calls.length > 0) message.tool_calls = calls
  const now = plugin.now()
  return {
    id: `chatcmpl-${now}`,
    object: 'chat.completion',
    created: Math.floor(now / 1_000),
    model: request.model,
    choices: [{ index: 0, message, finish_reason: finishReason(parts) }],
    usage,
  }
}

function chunkMaker(plugin: Plugin, request: ChatRequest) {
  const now = plugin.now()
  return (content: object, finish: string | null = null) => ({
    id: `chatcmpl-${now}`,
    object: 'chat.completion.chunk',
    created: Math.floor(now / 1_000),
    model: request.model,
    choices: [{ index: 0, delta: content, finish_reason: finish }],
  })
}

function delta(part: Part): object {
  if ('reasoning' in part) return { reasoning_content: part.reasoning }
  if ('content' in part) return { content: part.content }
  return { tool_calls: part.toolCalls }
}

function finishReason(parts: readonly Part[]): 'stop' | 'tool_calls' {
  return parts.some((part) => 'toolCalls' in part) ? 'tool_calls' : 'stop'
}
