import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ctx } from '../../../../src/context.ts'
import { antigravity } from '../../../../src/gateway/dialects/antigravity/index.ts'
import { openai } from '../../../../src/gateway/dialects/openai/index.ts'
import { readFaceRequest } from '../../../../src/gateway/faces/chat-of.ts'
import { FaceStream } from '../../../../src/gateway/faces/face-stream.ts'
import { campaign } from '../../../support/campaign.ts'
import { CLIENTS, converse } from './clients.ts'
import { type Conversation, conversations, expectedChat, squeezed } from './conversations.ts'
import { FACTS } from './support.ts'

const RUNS = campaign('ROUND_TRIPS', { share: 300, full: 5_000 })
const DIALECTS = { antigravity, openai }
const ctx = { config: { UPSTREAM_STREAM_USAGE: 'as_asked' } } as unknown as Ctx

/** One conversation with everything in it. */
const EVERYTHING: Conversation = {
  system: 'Be brief.',
  turns: [
    {
      user: { text: 'What is this?', picture: 'AAAA' },
      steps: [
        {
          thought: 'Two looks.',
          before: 'I look.',
          calls: [
            {
              id: 'functions.look:0',
              name: 'look',
              arguments: { at: 'a', n: [1, null] },
              signature: 'S+/=',
              result: { text: 'seen a', picture: 'BBBB' },
            },
            {
              id: 'call_2',
              name: 'list',
              arguments: {},
              signature: null,
              result: { text: 'seen b', picture: null },
            },
          ],
          after: 'And now we wait.',
        },
      ],
      answer: 'A cat.',
    },
    {
      user: { text: 'And this?', picture: null },
      steps: [
        {
          thought: 'Once more.',
          before: '',
          calls: [
            {
              id: 'sa64_x',
              name: 'look',
              arguments: { at: '語😀' },
              signature: 'T',
              result: { text: 'seen c', picture: null },
            },
          ],
          after: '',
        },
      ],
      answer: null,
    },
  ],
}

const bodyOf = (dialect: keyof typeof DIALECTS, chat: object, stream: boolean) => {
  const bytes = new TextEncoder().encode(JSON.stringify({}))
  const request = readFaceRequest(
    bytes as Uint8Array<ArrayBuffer>,
    () => ({ chat: chat as never, stream, streamType: '', writer: () => null as never }),
    FACTS,
  )
  const body = DIALECTS[dialect].body(ctx, request)
  return JSON.parse(new TextDecoder().decode(body)) as { messages: object[] }
}

describe.each(CLIENTS.map((client) => [client.name, client] as const))(
  'a conversation through %s',
  (_, client) => {
    it.each([
      ['antigravity', 'whole'],
      ['antigravity', 'streamed'],
      ['openai', 'whole'],
      ['openai', 'streamed'],
    ] as const)('has everything in it that was said, for dialect %s, %s', (dialect, how) => {
      const { chat } = converse(client, EVERYTHING, how)
      const { messages } = bodyOf(dialect, chat, how === 'streamed')
      expect(squeezed(messages)).toEqual(expectedChat(EVERYTHING))
    })

    it(`loses nothing, whatever it is (${RUNS})`, () => {
      fc.assert(
        fc.property(conversations, fc.constantFrom('whole', 'streamed'), (conversation, how) => {
          const { chat } = converse(client, conversation, how)
          expect(squeezed(chat.messages)).toEqual(expectedChat(conversation))
        }),
        { numRuns: RUNS },
      )
    })

    it.each(['antigravity', 'openai'] as const)(
      'hears all of what dialect %s says, cut anywhere',
      (dialect) => {
        const [{ steps }] = EVERYTHING.turns as [Conversation['turns'][0]]
        const [step] = steps
        if (!step) throw new Error('no step')
        const chunk = (delta: object, finish: string | null = null, more = {}) =>
          `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`
        const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }
        const text = [
          chunk({ reasoning_content: step.thought }),
          chunk({ content: step.before }),
          chunk({
            tool_calls: step.calls.map(({ id, name, arguments: given, signature }, index) => ({
              index,
              id,
              type: 'function',
              function: { name, arguments: JSON.stringify(given) },
              ...(signature && { extra_content: { google: { thought_signature: signature } } }),
            })),
          }),
          chunk({ content: step.after }),
          chunk({}, 'tool_calls', { usage }),
          'data: [DONE]\n\n',
        ].join('')
        const bytes = new TextEncoder().encode(text)
        const options = { id: 'c', model: 'm', includeUsage: true }
        const once = { ...EVERYTHING, turns: EVERYTHING.turns.slice(0, 1) }
        fc.assert(
          fc.property(fc.nat(bytes.length), (cut) => {
            const request = converse(
              client,
              { ...once, turns: [{ ...once.turns[0], steps: [], answer: null } as never] },
              'whole',
            )
            const stream = new FaceStream(
              DIALECTS[dialect].stream(ctx, options),
              request.writer(FACTS),
            )
            const out =
              stream.push(bytes.subarray(0, cut)) + stream.push(bytes.subarray(cut)) + stream.end()
            const kept = JSON.stringify(client.keep(client.collect(out)))
            for (const said of [step.thought, step.before, step.after, 'look', 'list'])
              expect(kept).toContain(said)
            expect(client.ids(client.keep(client.collect(out)))).toHaveLength(2)
            expect(stream.usage).toEqual({ promptTokens: 9, completionTokens: 5 })
          }),
          { numRuns: 60 },
        )
      },
    )
  },
)
