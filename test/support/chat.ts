import { randomUUID } from 'node:crypto'
import type * as z from 'zod'
import { Chunk, Completion, ErrorAnswer } from './openai-schemas.ts'
import { sql, stack, standIn, waitFor } from './stack.ts'

export const MODEL = 'gemini-3-pro-high'
export const CHAT = '/v1/chat/completions'

type ChunkOf = z.output<typeof Chunk>
type ErrorOf = z.output<typeof ErrorAnswer>['error']

/** One answer of the gateway, taken apart; everything in it has been held against OpenAI's schemas. */
export interface ChatAnswer {
  status: number
  headers: Headers
  /** Of a streamed answer. */
  chunks: ChunkOf[]
  comments: number
  isDone: boolean
  /** The error body, or the error event of a stream. */
  error: ErrorOf | null
  completion: z.output<typeof Completion> | null
  /** What the model said. */
  content: string
  durationMs: number
}

export interface ChatOptions {
  key: string
  content?: string
  stream?: boolean
  /** Further fields of the request. */
  extra?: Record<string, unknown>
  baseUrl?: string
  path?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Chats by plain HTTP. */
export async function chat(options: ChatOptions): Promise<ChatAnswer> {
  const { key, content = 'Hello there', stream = false, extra, headers, signal } = options
  const startedAt = performance.now()
  const response = await fetch((options.baseUrl ?? stack.baseUrl) + (options.path ?? CHAT), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content }], stream, ...extra }),
    ...(signal && { signal }),
  })
  const text = await response.text()
  return read(response, text, performance.now() - startedAt)
}

function read(response: Response, text: string, durationMs: number): ChatAnswer {
  const answer: ChatAnswer = {
    status: response.status,
    headers: response.headers,
    chunks: [],
    comments: 0,
    isDone: false,
    error: null,
    completion: null,
    content: '',
    durationMs,
  }
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (!isStream) {
    const json: unknown = JSON.parse(text)
    if (!response.ok) return { ...answer, error: ErrorAnswer.parse(json).error }
    const completion = Completion.parse(json)
    return { ...answer, completion, content: completion.choices[0]?.message.content ?? '' }
  }
  for (const block of text.split('\n\n').filter((part) => part.trim() !== '')) {
    if (answer.isDone || answer.error) throw new Error(`after the end of a stream: ${block}`)
    if (block.startsWith(':')) answer.comments++
    else if (block === 'data: [DONE]') answer.isDone = true
    else readEvent(answer, JSON.parse(block.slice('data: '.length)))
  }
  return answer
}

function readEvent(answer: ChatAnswer, json: unknown): void {
  const failure = ErrorAnswer.safeParse(json)
  if (failure.success) {
    answer.error = failure.data.error
    return
  }
  const chunk = Chunk.parse(json)
  answer.chunks.push(chunk)
  answer.content += chunk.choices[0]?.delta.content ?? ''
}

/** Arms a failure for the requests that contain the returned marker, so that tests stay apart. */
export async function arm(failure: string, options: Record<string, unknown> = {}): Promise<string> {
  const marker = `marker-${randomUUID()}`
  await standIn('arm', { failure, match: marker, ...options })
  return marker
}

export interface UsageLog {
  id: string
  endpoint: string
  status: number
  error_code: string | null
  stream: boolean
  estimated: boolean
  prompt_tokens: number | null
  completion_tokens: number | null
  model: string | null
}

/** Somebody's usage rows, oldest first. */
export async function usageOf(userId: number): Promise<UsageLog[]> {
  return (await sql`select * from usage_logs where user_id = ${userId} order by created_at`) as UsageLog[]
}

/** Waits until somebody has so many usage rows; more than that is a failure too. */
export async function usageRows(userId: number, count: number): Promise<UsageLog[]> {
  let rows: UsageLog[] = []
  await waitFor(async () => {
    if ((await usageOf(userId)).length < count) return false
    // What they cost is shared out right after they were written.
    const waiting = await sql`select 1 from consumption_rows
      where user_id = ${userId} and is_pending limit 1`
    if (waiting.length > 0) return false
    rows = await usageOf(userId)
    return true
  })
  if (rows.length !== count) throw new Error(`${rows.length} usage rows instead of ${count}`)
  return rows
}
