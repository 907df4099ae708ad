import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { parseJson } from '../platform/json.ts'
import type { ChatInput } from './chat-input.ts'
import { isObject, type JsonObject } from './dialects/fields.ts'
import { readBytes } from './request-bytes.ts'
import { AccountTypeHeader } from './schemas.ts'

/** What a call to a model gets of its HTTP request. */
export function inputOf(c: Context<AppEnv>): ChatInput {
  return {
    readBody: () => readBytes(c.req.raw),
    clientSignal: () => c.req.raw.signal,
    accountType: accountTypeOf(c),
  }
}

/** @throws {AppError} `malformed_request`, and what reading the bytes throws */
export async function readJsonBody(c: Context<AppEnv>): Promise<JsonObject> {
  const json = parseJson(new TextDecoder().decode(await readBytes(c.req.raw)))
  if (isObject(json)) return json
  throw new AppError('malformed_request', 'The body of your request is not a JSON object.')
}

/** @throws {AppError} `invalid_request` */
export function accountTypeOf(c: Context<AppEnv>): string | undefined {
  const parsed = AccountTypeHeader.safeParse(c.req.header('x-api-type'))
  if (parsed.success) return parsed.data
  throw new AppError('invalid_request', 'X-Api-Type is "antigravity" or "kiro".', {
    param: 'X-Api-Type',
  })
}
