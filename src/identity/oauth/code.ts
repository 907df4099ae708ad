import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { ROLES } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'
import { seal, unseal } from './sealed.ts'

/** RFC 6749 §4.1.2 advises ten minutes at most, OAuth 2.1 one. */
export const CODE_SECONDS = 60

/**
 * What a code carries. It is sealed, so that nothing has to be kept for codes that nobody uses; that it works
 * once is seen to where it is used.
 */
const Code = z.object({
  grantId: z.string(),
  clientId: z.string(),
  askedRedirectUri: z.string().nullable(),
  codeChallenge: z.string().nullable(),
  nonce: z.string().nullable(),
  userId: z.int(),
  sessionId: z.string(),
  isOffline: z.boolean(),
  generation: z.string(),
  app: z.string(),
  scopes: z.array(z.string()),
  resources: z.array(z.string()),
  madeAs: z.enum(ROLES),
  tenure: z.int(),
  authenticatedAt: z.number(),
  hasSecondFactor: z.boolean(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
})
export type Code = z.output<typeof Code>

const PURPOSE = 'oauth-code'

export function sealCode(ctx: Ctx, code: Code): Promise<string> {
  return seal(ctx, code, PURPOSE)
}

/** @throws {AppError} `invalid_grant` for a text that is no code of ours; one that has expired is given back */
export async function openCode(ctx: Ctx, text: string): Promise<Code> {
  const code = await unseal(ctx, text, PURPOSE, Code)
  if (!code) throw new AppError('invalid_grant', 'No such code.')
  return code
}
