import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import type { Ctx } from '../context.ts'
import { AppError } from '../errors.ts'
import { parseJson } from '../platform/json.ts'
import type { ChatInput } from './chat-input.ts'
import { isObject, type JsonObject } from './dialects/fields.ts'
import { readBytes } from './request-bytes.ts'

/** What a call to a model gets of its HTTP request. */
export function inputOf(c: Context<AppEnv>): ChatInput {
  requireKnownSystem(c)
  return {
    readBody: () => readBytes(c.req.raw),
    clientSignal: () => c.req.raw.signal,
  }
}

/** @throws {AppError} `malformed_request`, and what reading the bytes throws */
export async function readJsonBody(c: Context<AppEnv>): Promise<JsonObject> {
  const json = parseJson(new TextDecoder().decode(await readBytes(c.req.raw)))
  if (isObject(json)) return json
  throw new AppError('malformed_request', 'The body of your request is not a JSON object.')
}

/**
 * `X-Api-Type` names the account system that a call draws from; there is one.
 *
 * @throws {AppError} `invalid_request` for another one
 */
export function requireKnownSystem(c: Context<AppEnv>): Ctx {
  const asked = c.req.header('x-api-type') ?? 'antigravity'
  if (asked === 'antigravity') return c.get('ctx')
  throw new AppError(
    'invalid_request',
    'X-Api-Type is "antigravity": accounts of other systems (Kiro, Qwen) can neither be brought here nor counted.',
    { param: 'X-Api-Type' },
  )
}
