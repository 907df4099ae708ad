import * as z from 'zod'
import { type Ctx, requirePerson } from '../context.ts'
import { toGoogleError } from '../error-forms.ts'
import { AppError, asAppError } from '../errors.ts'
import { parseJson } from '../platform/json.ts'
import { withoutStoreTime } from '../platform/store-time.ts'
import { askableModel } from './askable-model.ts'
import { type CallRecord, startCall } from './call-record.ts'
import type { ChatInput } from './chat-input.ts'
import { clearCall } from './clear-call.ts'
import { countOf, isObject } from './dialects/fields.ts'
import { dialectOf } from './dialects/index.ts'
import { beginExchange } from './exchange.ts'
import { withQuota } from './quota-header.ts'
import { LongAnswer } from './streams/long-answer.ts'
import { callUpstream, readText } from './upstream.ts'

const ENDPOINT = '/v1beta/models:generateContent'

/** What is read of Google's request; the plug-in gets the bytes that came. */
const Fields = z.looseObject({
  contents: z
    .array(
      z.looseObject({
        role: z.string().nullish(),
        parts: z.array(z.looseObject({ text: z.string().nullish() })),
      }),
    )
    .min(1),
})

/** Whether a model makes pictures at a plug-in that has a call of its own for them. */
export function makesPictures({ config }: Pick<Ctx, 'config'>, model: string): boolean {
  return config.PLUGIN_API_DIALECT === 'antigravity' && model.endsWith('-image')
}

/**
 * Passes a picture request in Google's form on, and its answer back as it is. Both verbs answer one
 * JSON body. https://ai.google.dev/api/generate-content
 *
 * @throws {AppError} `invalid_request`, and what a chat throws
 */
export async function makePicture(
  ctx: Ctx,
  model: string,
  verb: 'generateContent' | 'streamGenerateContent',
  input: ChatInput,
): Promise<Response> {
  const call = startCall(ctx, ENDPOINT)
  try {
    if (requirePerson(ctx).isSilenced) {
      throw new AppError('account_silenced', 'This account may not chat. Ask an administrator.')
    }
    const bytes = await input.readBody()
    const fields = readFields(bytes)
    call.describe({ model, stream: false, texts: promptTexts(fields) })
    const facts = await askableModel(ctx, model)
    await clearCall(ctx, call, facts, {
      promptTokens: 0,
      maxAnswerTokens: null,
      answers: 1,
    })
    const path = `/v1beta/models/${encodeURIComponent(model)}:${verb}`
    const body = withRoles(fields) ?? bytes
    const answer = await withoutStoreTime(() => passOn(ctx, call, { path, body, input }))
    return withQuota(ctx, answer, facts, 'gemini')
  } catch (error) {
    call.settle({ error: asAppError(error) })
    throw error
  }
}

interface Passed {
  path: string
  body: Uint8Array<ArrayBuffer>
  input: ChatInput
}

/** The work goes on when the client leaves in the middle. */
function passOn(ctx: Ctx, call: CallRecord, passed: Passed): Promise<Response> {
  const long = new LongAnswer(ctx.clock)
  const tell = async () => {
    try {
      await long.tell(await answerOf(ctx, call, passed, long))
    } catch (thrown) {
      const error = asAppError(thrown)
      if (long.hasBegun) call.settle({ error })
      await long.fail(thrown, JSON.stringify(toGoogleError(error)))
    }
  }
  ctx.waitUntil(tell())
  return long.response
}

async function answerOf(
  ctx: Ctx,
  call: CallRecord,
  { path, body, input: { clientSignal } }: Passed,
  long: LongAnswer,
): Promise<string> {
  const exchange = beginExchange(ctx, call, clientSignal, {
    lastAt: () => long.lastAt,
    run: () => long.signOfLife(),
  })
  const { signal } = exchange.controller
  try {
    const upstream = await callUpstream(ctx, {
      method: 'POST',
      path,
      accept: 'application/json',
      body,
      signal,
    })
    exchange.watchdog.heard()
    const text = await readText(upstream, signal)
    if (!upstream.ok) {
      const { status, headers } = upstream
      throw await dialectOf(ctx).explain(ctx, { status, headers, text, model: null })
    }
    const json = parseJson(text)
    if (!isObject(json) || !Array.isArray(json.candidates)) {
      throw new AppError('upstream_error', 'The AI service sent an answer without a picture.')
    }
    call.markFirstByte()
    call.settle({ usage: usageIn(json.usageMetadata) })
    return text
  } finally {
    exchange.end()
  }
}

function usageIn(metadata: unknown) {
  if (!isObject(metadata)) return null
  const promptTokens = countOf(metadata.promptTokenCount)
  const completionTokens = countOf(metadata.candidatesTokenCount)
  return promptTokens === undefined || completionTokens === undefined
    ? null
    : { promptTokens, completionTokens }
}

function readFields(bytes: Uint8Array): z.output<typeof Fields> {
  const json = parseJson(new TextDecoder().decode(bytes))
  if (json === undefined) {
    throw new AppError('malformed_request', 'The body is not valid JSON.')
  }
  const parsed = Fields.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new AppError('invalid_request', `${issue?.path.join('.') || 'body'}: ${issue?.message}`)
  }
  return parsed.data
}

const promptTexts = ({ contents }: z.output<typeof Fields>) =>
  contents.flatMap(({ parts }) => parts.flatMap(({ text }) => text ?? []))

/**
 * Google takes a content without a role for its user's; the plug-in leaves it out.
 *
 * @returns null where each has its role
 */
function withRoles(fields: z.output<typeof Fields>): Uint8Array<ArrayBuffer> | null {
  if (fields.contents.every(({ role }) => role)) return null
  const contents = fields.contents.map((content) => ({ ...content, role: content.role || 'user' }))
  return Uint8Array.from(new TextEncoder().encode(JSON.stringify({ ...fields, contents })))
}
