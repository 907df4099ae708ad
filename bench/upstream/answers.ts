/** How the upstream speaks: as OpenAI does, or as the account-keeping plug-in does. */
export type UpstreamDialect = 'openai' | 'antigravity'

/** Events of a stream before `[DONE]`. */
export const STREAM_EVENTS = 200

/** The word of the request's message that asks for events 5 ms apart; without it they come at once. */
export const PACED_MARK = 'bench-paced'

const USAGE = { prompt_tokens: 128, completion_tokens: 199, total_tokens: 327 }
/** Makes an event about 150 bytes long. */
const WORD = ' measured'

/** The whole answers of one dialect, made once. */
export interface Answers {
  /** Complete response of a request without `stream`. */
  whole: Buffer
  streamHead: Buffer
  /** Chunks of the transfer coding, one an event, the last with `[DONE]` and the end. */
  events: readonly Buffer[]
  /** `events`, with the usage chunk that `stream_options.include_usage` asks for. */
  eventsWithUsage: readonly Buffer[]
}

/** Makes what the upstream answers: the two dialects differ in role delta and place of the usage. */
export function makeAnswers(dialect: UpstreamDialect): Answers {
  const base = { id: 'chatcmpl-1767225600', created: 1_767_225_600, model: 'gemini-2.5-flash' }
  const completion = JSON.stringify({
    ...base,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: WORD.repeat(40) },
        finish_reason: 'stop',
      },
    ],
    usage: USAGE,
  })
  const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  })
  const contents = Array.from({ length: STREAM_EVENTS - 2 }, () => chunk({ content: WORD }))
  const isPlain = dialect === 'openai'
  const first = isPlain ? chunk({ role: 'assistant', content: '' }) : chunk({ content: WORD })
  const last = chunk({}, 'stop', isPlain ? {} : { usage: USAGE })
  const usageChunk = { ...chunk({}), choices: [], usage: USAGE }
  const stream = [first, ...contents, last]
  return {
    whole: Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${completion.length}\r\n\r\n${completion}`,
    ),
    streamHead: Buffer.from(
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
    events: encode(stream),
    eventsWithUsage: isPlain ? encode([...stream, usageChunk]) : encode(stream),
  }
}

function encode(chunks: readonly object[]): Buffer[] {
  const events = chunks.map((value) => transferChunk(`data: ${JSON.stringify(value)}\n\n`))
  const end = Buffer.from(`${transferChunk('data: [DONE]\n\n').toString()}0\r\n\r\n`)
  return [...events, end]
}

function transferChunk(text: string): Buffer {
  return Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`)
}
