import fc from 'fast-check'
import type { AnswerEvent } from '../../../../src/gateway/faces/answer.ts'

/** A conversation, in the words of no protocol. */
export interface Conversation {
  system: string | null
  turns: Turn[]
}

export interface Turn {
  user: Said
  /** What the model does with tools before it answers. */
  steps: Step[]
  /** Its answer; null: the last turn, whose tools have just given their results. */
  answer: string | null
}

export interface Said {
  text: string
  /** A picture, base64. */
  picture: string | null
}

export interface Step {
  thought: string
  before: string
  calls: Call[]
  /** Text after the calls. */
  after: string
}

export interface Call {
  id: string
  name: string
  arguments: Record<string, unknown>
  signature: string | null
  result: Said
}

export const dataUrl = (picture: string) => `data:image/png;base64,${picture}`

/** What a model said in a step, as events. */
export function eventsOfStep({ thought, before, calls, after }: Step): AnswerEvent[] {
  return [
    ...(thought ? [{ type: 'reasoning' as const, text: thought }] : []),
    ...(before ? [{ type: 'text' as const, text: before }] : []),
    ...calls.flatMap((call, index): AnswerEvent[] => [
      { type: 'tool_call', index, id: call.id, name: call.name, signature: call.signature },
      { type: 'arguments', index, text: JSON.stringify(call.arguments) },
    ]),
    ...(after ? [{ type: 'text' as const, text: after }] : []),
    { type: 'finish', reason: 'tool_calls', stopSequence: null },
  ]
}

export const eventsOfText = (text: string): AnswerEvent[] => [
  { type: 'text', text },
  { type: 'finish', reason: 'stop', stopSequence: null },
]

/** The chat that it is; blanks in texts are left out, since protocols join them differently. */
export function expectedChat({ system, turns }: Conversation): object[] {
  return squeezed([
    ...(system ? [{ role: 'system', content: system }] : []),
    ...turns.flatMap(({ user, steps, answer }) => [
      { role: 'user', content: contentOf(user) },
      // The thoughts of a loop that is over are of no use any more.
      ...steps.flatMap((step) => chatOfStep(step, answer === null)),
      ...(answer === null ? [] : [{ role: 'assistant', content: answer }]),
    ]),
  ])
}

function chatOfStep({ thought, before, calls, after }: Step, isInLoop: boolean): object[] {
  const pictures = calls.flatMap(({ result }) => (result.picture ? [result.picture] : []))
  return [
    {
      role: 'assistant',
      content: before + after || null,
      ...(isInLoop && thought && { reasoning_content: thought }),
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: JSON.stringify(call.arguments) },
        ...(call.signature && { extra_content: { google: { thought_signature: call.signature } } }),
      })),
    },
    ...calls.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result.text })),
    ...(pictures.length > 0 ? [{ role: 'user', content: pictures.map(imagePart) }] : []),
  ]
}

const imagePart = (picture: string) => ({
  type: 'image_url',
  image_url: { url: dataUrl(picture) },
})
const contentOf = ({ text, picture }: Said) =>
  picture ? [{ type: 'text', text }, imagePart(picture)] : text

/** The same without blanks in what is said. */
export function squeezed(messages: unknown): object[] {
  return JSON.parse(JSON.stringify(messages), (name, value: unknown) =>
    typeof value === 'string' && ['content', 'text', 'reasoning_content'].includes(name)
      ? value.replace(/\s+/g, '')
      : value,
  ) as object[]
}

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((each) => /\S/u.test(each))
const maybe = (arbitrary: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), arbitrary)
const picture = fc.option(fc.base64String({ minLength: 4, maxLength: 12 }))
const said = fc.record({ text, picture })
const call = fc.record({
  // Letters that no protocol but the chat takes, too.
  id: fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/),
    fc.string({ minLength: 1, maxLength: 12 }),
  ),
  name: fc.stringMatching(/^[a-z_]{1,8}$/),
  arguments: fc
    .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .map(
      // As JSON has them: no -0.
      (value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>,
    ),
  signature: fc.option(fc.base64String({ minLength: 4, maxLength: 16 })),
  result: said,
})
const step = fc.record({
  thought: maybe(text),
  before: maybe(text),
  calls: fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
  after: maybe(text),
})
const steps = fc.array(step, { maxLength: 3 })
const over = fc.record({ user: said, steps, answer: text as fc.Arbitrary<string | null> })
const open = fc.record({
  user: said,
  steps: fc.array(step, { minLength: 1, maxLength: 2 }),
  answer: fc.constant(null),
})

/** Conversations of every make; a call's id is that of no other. */
export const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    system: fc.option(text),
    before: fc.array(over, { maxLength: 2 }),
    last: fc.oneof(
      open,
      fc.record({ user: said, steps: fc.constant<Step[]>([]), answer: fc.constant(null) }),
    ),
  })
  .map(({ system, before, last }) => numbered({ system, turns: [...before, last] }))

function numbered({ system, turns }: Conversation): Conversation {
  let count = 0
  const withIds = turns.map((turn) => ({
    ...turn,
    steps: turn.steps.map((each) => ({
      ...each,
      calls: each.calls.map((one) => ({ ...one, id: `${one.id}${count++}` })),
    })),
  }))
  return { system, turns: withIds }
}
