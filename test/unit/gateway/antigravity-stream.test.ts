import { describe, expect, it } from 'vitest'
import { AntigravityStream } from '../../../src/gateway/dialects/antigravity/stream.ts'
import { Chunk } from '../../support/openai-schemas.ts'

const OPTIONS = { id: 'chatcmpl-ours', model: 'm', includeUsage: false }
const BASE = {
  id: 'chatcmpl-1763',
  object: 'chat.completion.chunk',
  created: 1_763_600_000,
  model: 'm',
}
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

const event = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({ ...BASE, choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`

function run(text: string, includeUsage = false) {
  const stream = new AntigravityStream({ ...OPTIONS, includeUsage })
  const out = stream.push(new TextEncoder().encode(text)) + stream.end()
  const events = out
    .split('\n\n')
    .filter(Boolean)
    .map((each) => each.slice('data: '.length))
  const chunks = events
    .filter((each) => each !== '[DONE]')
    .map((each) => Chunk.parse(JSON.parse(each)))
  return { stream, chunks, isDone: events.at(-1) === '[DONE]' }
}

const contentOf = (chunks: ReturnType<typeof run>['chunks']) =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')

describe('AntigravityStream', () => {
  it.each(['plain', '"finish_reason":null}]}', '","tool_calls":[{}]', '\\', '\n\n错误', '\u2028'])(
    'passes %j on as it is',
    (text) => {
      const { chunks, isDone, stream } = run(
        event({ content: 'a' }) +
          event({ content: text }) +
          event({}, 'stop', { usage: USAGE }) +
          'data: [DONE]\n\n',
      )
      expect(contentOf(chunks)).toBe(`a${text}`)
      expect(chunks.every((chunk) => chunk.id === OPTIONS.id)).toBe(true)
      expect(isDone).toBe(true)
      expect(stream.usage).toEqual({ promptTokens: 3, completionTokens: 2 })
    },
  )

  it('makes numbers of strings', () => {
    const usage = { prompt_tokens: '3', completion_tokens: '2' }
    const made = { created: '1763600000' }
    const { chunks, stream } = run(
      event({ content: 'a' }, null, made) +
        event({ content: 'b' }, null, made) +
        event({}, 'STOP', { ...made, usage }),
      true,
    )
    expect(contentOf(chunks)).toBe('ab')
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 3, total_tokens: 5 })
    expect(stream.failure).toBeNull()
  })

  it.each([
    ['RESOURCE_EXHAUSTED', 'insufficient_quota'],
    ['ILLEGAL_PROMPT', 'content_refused'],
    ['IMAGE_INPUT_EXCEEDED_MAXIMUM_5_MB', 'invalid_request'],
    ['ALL_ENDPOINTS_403', 'upstream_error'],
    ['terminated', 'upstream_error'],
    [
      JSON.stringify({ error: { code: 400, message: 'bad', status: 'X' } }, null, 2),
      'invalid_request',
    ],
    [JSON.stringify({ error: { code: 404, message: 'gone', status: 'X' } }), 'model_not_found'],
    [JSON.stringify({ error: { code: 401, message: 'who?', status: 'X' } }), 'upstream_error'],
  ])('knows %s for a failure', (text, code) => {
    const failed = `${event({ content: `\n\n错误: ${text}` }) + event({}, 'stop')}data: [DONE]\n\n`
    expect(run(failed).stream).toMatchObject({ hasBegun: false, failure: { code } })
    expect(run(failed).chunks).toEqual([])
    const late = run(event({ content: 'Hi' }) + failed)
    expect(late.stream).toMatchObject({ hasBegun: true, failure: { code } })
    expect(contentOf(late.chunks)).toBe('Hi')
  })

  it.each([
    ['no end', event({ content: 'Hi' })],
    ['a finish without usage', `${event({ content: 'Hi' }) + event({}, 'stop')}data: [DONE]\n\n`],
    ['nothing', ''],
    ['only the end mark', 'data: [DONE]\n\n'],
    ['garbage', `${event({ content: 'Hi' })}data: {"broken\n\n`],
    ['an error event', `${event({ content: 'Hi' })}data: {"error":"oops"}\n\n`],
  ])('takes %s for broken', (_, text) => {
    const { stream, isDone } = run(text)
    expect(stream.failure).toMatchObject({ code: 'upstream_error' })
    expect(isDone).toBe(false)
  })

  it('counts what was said, roughly', () => {
    const { stream } = run(
      event({ content: 'aaaa' }).repeat(100) + event({}, 'stop', { usage: USAGE }),
    )
    expect(stream.producedBytes).toBeGreaterThan(300)
    expect(stream.producedBytes).toBeLessThan(900)
  })
})
