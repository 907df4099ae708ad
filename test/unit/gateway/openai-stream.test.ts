import { describe, expect, it } from 'vitest'
import { OpenAIStream } from '../../../src/gateway/dialects/openai/stream.ts'

const event = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`

function listen(text: string) {
  const stream = new OpenAIStream('asked')
  const out = stream.push(new TextEncoder().encode(text))
  return { stream, out, end: stream.failure ? '' : stream.end() }
}

const say = (content: string) => event({ content })

describe('OpenAIStream', () => {
  it.each(['plain', 'with "quotes"', 'back\\slash', '"},"finish_reason":"stop"}]}', 'ä语😀', ''])(
    'passes %j, and counts its bytes',
    (text) => {
      const known = listen(say('a') + event({}, 'stop')).stream.producedBytes
      const { stream, out } = listen(say('a') + say(text) + event({}, 'stop'))
      expect(out).toBe(say('a') + say(text) + event({}, 'stop'))
      expect(stream.failure).toBeNull()
      const extra = stream.producedBytes - known
      // Every character beyond ASCII counts three bytes.
      expect(extra).toBeGreaterThanOrEqual(text.length)
      expect(extra).toBeLessThanOrEqual(text.length * 3)
    },
  )

  it.each([
    ['garbage', 'data: {"broken\n\n'],
    ['an event cut short', say('b').replace('"finish_reason":null', '"finish_reason":nul')],
    ['a control character', say('b').replace('"b"', '"b\u0007"')],
    ['an error', 'data: {"error":{"message":"no"}}\n\n'],
  ])('notices %s among plain events', (_, bad) => {
    const { stream } = listen(say('a') + say('b') + bad + say('c') + event({}, 'stop'))
    expect(stream.failure).toMatchObject({ code: 'upstream_error' })
  })

  it('takes a finish, and usage, for what they are', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    const { stream, end } = listen(
      `${say('a') + say('b') + event({ content: 'c' }, 'length', { usage })}data: [DONE]\n\n`,
    )
    expect(stream.usage).toEqual({ promptTokens: 1, completionTokens: 2 })
    expect(stream.isDone).toBe(true)
    expect(end).toBe('data: [DONE]\n\n')
    expect(listen(say('a') + say('b')).stream.failure).not.toBeNull()
  })
})
