import type { Generation, Part, ToolCall, Usage } from './answers.ts'
import { type ChatRequest, whatGetsThrough } from './chat-request.ts'
import { isRecord, type JsonObject, text } from './json.ts'
import { readEvents } from './sse-reader.ts'
import { exhausted, raw, terminated } from './upstream-failure.ts'

const MODELS_FRESH_MS = 60_000
/** The fields that the service honours; it ignores every other one. */
const HONOURED = ['model', 'temperature', 'top_p', 'max_tokens', 'tools'] as const

/** An OpenAI-compatible server behind the stand-in, so that a person can really chat. */
export class Upstream {
  readonly #baseUrl: string
  readonly #headers: Record<string, string>
  readonly #stopping = new AbortController()
  #models: { names: readonly string[]; at: number } | undefined

  constructor(baseUrl: string, apiKey: string | undefined) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '')
    this.#headers = {
      'Content-Type': 'application/json',
      ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}),
    }
  }

  /** Breaks off every call, so that closing never waits for another server. */
  stop(): void {
    this.#stopping.abort()
  }

  /** The names of the server's models, remembered for a minute. */
  async models(): Promise<readonly string[]> {
    if (this.#models && Date.now() - this.#models.at < MODELS_FRESH_MS) return this.#models.names
    const answer = await this.#fetch('/models')
    if (!answer.ok) throw raw(answer.status, await answer.text())
    const list: unknown = await answer.json()
    const data = isRecord(list) && Array.isArray(list.data) ? list.data.filter(isRecord) : []
    const names = data.flatMap((model) => text(model.id) ?? [])
    this.#models = { names, at: Date.now() }
    return names
  }

  /** Asks the server and translates its answer; errors become what the service makes of them. */
  async chat(request: ChatRequest): Promise<Generation> {
    const body: JsonObject = {
      messages: whatGetsThrough(request.messages),
      stream: request.stream,
      ...(request.stream ? { stream_options: { include_usage: true } } : {}),
    }
    for (const name of HONOURED) {
      const value = request.body[name]
      if (value !== undefined && value !== null) body[name] = value
    }
    const answer = await this.#fetch('/chat/completions', JSON.stringify(body))
    if (!answer.ok) {
      const said = await answer.text()
      throw answer.status === 429 || /quota|RESOURCE_EXHAUSTED/.test(said)
        ? exhausted('switch')
        : raw(answer.status, said)
    }
    const found: { usage: Usage | undefined } = { usage: undefined }
    const parts = answer.headers.get('content-type')?.includes('text/event-stream')
      ? fromEvents(answer, found)
      : fromCompletion(answer, found)
    return { parts, usage: () => found.usage }
  }

  async #fetch(path: string, body?: string): Promise<Response> {
    try {
      return await fetch(this.#baseUrl + path, {
        signal: this.#stopping.signal,
        headers: this.#headers,
        ...(body === undefined ? {} : { method: 'POST', body }),
      })
    } catch {
      throw raw(500, 'fetch failed')
    }
  }
}

async function* fromCompletion(
  answer: Response,
  found: { usage: Usage | undefined },
): AsyncGenerator<Part> {
  const whole: unknown = await answer.json().catch(() => undefined)
  const choice = firstChoice(whole)
  if (!isRecord(choice?.message)) throw terminated()
  const calls = new ToolCalls()
  yield* textParts(choice.message)
  calls.add(choice.message.tool_calls)
  yield* calls.part()
  found.usage = readUsage(whole)
}

async function* fromEvents(
  answer: Response,
  found: { usage: Usage | undefined },
): AsyncGenerator<Part> {
  const calls = new ToolCalls()
  let complete = false
  try {
    for await (const data of readEvents(answer)) {
      if (data === '[DONE]') {
        complete = true
        break
      }
      const event: unknown = JSON.parse(data)
      if (isRecord(event) && event.error !== undefined) throw terminated(JSON.stringify(event))
      found.usage = readUsage(event) ?? found.usage
      const choice = firstChoice(event)
      if (isRecord(choice?.delta)) {
        yield* textParts(choice.delta)
        calls.add(choice.delta.tool_calls)
      }
      if (text(choice?.finish_reason) !== undefined) complete = true
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'UpstreamFailure') throw error
    throw terminated()
  }
  if (!complete) throw terminated()
  yield* calls.part()
}

function* textParts(message: JsonObject): Generator<Part> {
  const reasoning = text(message.reasoning_content) ?? text(message.reasoning)
  if (reasoning) yield { reasoning }
  const content = text(message.content)
  if (content) yield { content }
}

/** Puts tool calls together that arrive in pieces: the service sends each of them whole. */
class ToolCalls {
  #calls: ToolCall[] = []

  add(pieces: unknown): void {
    if (!Array.isArray(pieces)) return
    for (const [position, piece] of pieces.filter(isRecord).entries()) {
      const index = typeof piece.index === 'number' ? piece.index : position
      const call = this.#calls[index] ?? { type: 'function', function: { name: '', arguments: '' } }
      this.#calls[index] = call
      const id = text(piece.id)
      if (id) call.id = id
      const called = isRecord(piece.function) ? piece.function : {}
      call.function.name += text(called.name) ?? ''
      call.function.arguments += text(called.arguments) ?? ''
    }
  }

  *part(): Generator<Part> {
    const toolCalls = this.#calls.filter((call) => call !== undefined)
    if (toolCalls.length > 0) yield { toolCalls }
  }
}

function firstChoice(event: unknown): JsonObject | undefined {
  const first: unknown =
    isRecord(event) && Array.isArray(event.choices) ? event.choices[0] : undefined
  return isRecord(first) ? first : undefined
}

function readUsage(event: unknown): Usage | undefined {
  if (!isRecord(event) || !isRecord(event.usage)) return undefined
  const { prompt_tokens, completion_tokens } = event.usage
  if (typeof prompt_tokens !== 'number' || typeof completion_tokens !== 'number') return undefined
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
