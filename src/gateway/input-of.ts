import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import type { ChatInput } from './chat-input.ts'
import { AccountTypeHeader } from './schemas.ts'

/** What a call to a model gets of its HTTP request. */
export function inputOf(c: Context<AppEnv>): ChatInput {
  return {
    readBody: () => c.req.arrayBuffer(),
    clientSignal: () => c.req.raw.signal,
    accountType: accountTypeOf(c),
  }
}

/** @throws {AppError} `invalid_request` */
export function accountTypeOf(c: Context<AppEnv>): string | undefined {
  const parsed = AccountTypeHeader.safeParse(c.req.header('x-api-type'))
  if (parsed.success) return parsed.data
  throw new AppError('invalid_request', 'X-Api-Type is "antigravity" or "kiro".', {
    param: 'X-Api-Type',
  })
}
