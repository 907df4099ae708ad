import type { AnswerEvent } from '../../../../src/gateway/faces/answer.ts'
import type { FaceRequest, ReadRequest } from '../../../../src/gateway/faces/face.ts'
import { geminiReader } from '../../../../src/gateway/faces/gemini/read-request.ts'
import { readMessagesRequest } from '../../../../src/gateway/faces/messages/read-request.ts'
import { readResponsesRequest } from '../../../../src/gateway/faces/responses/read-request.ts'
import { GenerateAnswer } from '../../../support/vendor-schemas.ts'
import {
  type Call,
  type Conversation,
  dataUrl,
  eventsOfStep,
  eventsOfText,
  type Said,
} from './conversations.ts'
import { accumulate } from './messages/support.ts'
import { FACTS, sseEvents, streamed } from './support.ts'

type Json = Record<string, unknown>

/** A client of one face, which keeps a conversation as its vendor's SDK does. */
export interface Client {
  name: string
  read: ReadRequest
  /** A request of nothing, with all that the client wants to see of an answer. */
  base: Json
  system(text: string): Json
  /** What the history is called, and what is added to it. */
  history: string
  user(said: Said): Json[]
  results(calls: readonly (Call & { clientId: string })[]): Json[]
  /** What of an answer goes into the history. */
  keep(answer: unknown): Json[]
  /** The ids under which the client knows the calls of what it kept. */
  ids(kept: readonly Json[]): string[]
  /** A streamed answer put together. */
  collect(stream: string): unknown
}

const source = (picture: string) => ({ type: 'base64', media_type: 'image/png', data: picture })

export const messagesClient: Client = {
  name: 'messages',
  read: readMessagesRequest,
  base: { model: 'm', max_tokens: 9, thinking: { type: 'enabled', budget_tokens: 9_000 } },
  system: (text) => ({ system: [{ type: 'text', text }] }),
  history: 'messages',
  user: (said) => [{ role: 'user', content: blocks(said) }],
  results: (calls) => [
    {
      role: 'user',
      content: calls.map(({ clientId, result }) => ({
        type: 'tool_result',
        tool_use_id: clientId,
        content: blocks(result),
      })),
    },
  ],
  keep: (answer) => [{ role: 'assistant', content: (answer as { content: unknown }).content }],
  ids: (kept) =>
    kept
      .flatMap(({ content }) => content as Json[])
      .flatMap(({ type, id }) => (type === 'tool_use' ? [String(id)] : [])),
  collect: (stream) => accumulate(sseEvents(stream)),
}

function blocks({ text, picture }: Said): Json[] {
  return [{ type: 'text', text }, ...(picture ? [{ type: 'image', source: source(picture) }] : [])]
}

export const responsesClient: Client = {
  name: 'responses',
  read: readResponsesRequest,
  base: { model: 'm', reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'] },
  system: (instructions) => ({ instructions }),
  history: 'input',
  user: (said) => [{ role: 'user', content: inputs(said) }],
  results: (calls) =>
    calls.map(({ clientId, result }) => ({
      type: 'function_call_output',
      call_id: clientId,
      output: inputs(result),
    })),
  keep: (answer) => (answer as { output: Json[] }).output,
  ids: (kept) =>
    kept.flatMap(({ type, call_id }) => (type === 'function_call' ? [String(call_id)] : [])),
  collect: (stream) => sseEvents(stream).at(-1)?.data.response,
}

function inputs({ text, picture }: Said): Json[] {
  return [
    { type: 'input_text', text },
    ...(picture ? [{ type: 'input_image', image_url: dataUrl(picture) }] : []),
  ]
}

export const geminiClient: Client = {
  name: 'gemini',
  read: geminiReader('m', 'events'),
  base: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
  system: (text) => ({ systemInstruction: { parts: [{ text }] } }),
  history: 'contents',
  user: (said) => [{ role: 'user', parts: [{ text: said.text }, ...inline(said)] }],
  results: (calls) => [
    {
      role: 'user',
      parts: calls.map(({ clientId, name, result }) => ({
        functionResponse: {
          id: clientId,
          name,
          response: { output: result.text },
          ...(result.picture && { parts: inline(result) }),
        },
      })),
    },
  ],
  keep: (answer) => [(answer as { candidates: { content: Json }[] }).candidates[0]?.content ?? {}],
  ids: (kept) =>
    kept
      .flatMap(({ parts }) => parts as { functionCall?: { id: string } }[])
      .flatMap(({ functionCall }) => functionCall?.id ?? []),
  collect(stream) {
    const chunks = stream
      .split('\n\n')
      .filter(Boolean)
      .map(
        (block) =>
          GenerateAnswer.parse(JSON.parse(block.slice('data: '.length))) as {
            candidates: { content?: { parts: Json[] } }[]
          },
      )
    const parts = chunks.flatMap(({ candidates }) => candidates[0]?.content?.parts ?? [])
    return { candidates: [{ content: { role: 'model', parts } }] }
  },
}

const inline = ({ picture }: Said): Json[] =>
  picture ? [{ inlineData: { mimeType: 'image/png', data: picture } }] : []

export const CLIENTS = [messagesClient, responsesClient, geminiClient]

/** Has a conversation through a face: answers are written in its words, and come back in the next request. */
export function converse(
  client: Client,
  { system, turns }: Conversation,
  how: 'whole' | 'streamed',
): FaceRequest {
  const history: Json[] = []
  const request = (): FaceRequest =>
    client.read({ ...client.base, ...(system && client.system(system)), [client.history]: history })
  const hear = (events: AnswerEvent[]): Json[] => {
    const asked = request()
    const answer =
      how === 'whole'
        ? (JSON.parse(asked.writer(FACTS).whole(events)) as unknown)
        : client.collect(streamed(asked, events))
    const kept = client.keep(answer)
    history.push(...kept)
    return kept
  }
  for (const { user, steps, answer } of turns) {
    history.push(...client.user(user))
    for (const step of steps) {
      const ids = client.ids(hear(eventsOfStep(step)))
      const calls = step.calls.map((call, at) => ({ ...call, clientId: ids[at] ?? '' }))
      history.push(...client.results(calls))
    }
    if (answer !== null) hear(eventsOfText(answer))
  }
  return request()
}
