import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import type { Role } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import { hasSecondFactor } from './verify-code.ts'

/** Long enough to fetch a phone. */
export const CHALLENGE_SECONDS = 300
const TOKEN_BYTES = 32

const Stored = z.object({
  userId: z.int(),
  /** What is asked for: a code, or to add an authenticator app first. */
  step: z.enum(['verify', 'enrol']),
  /** The person's when the password was checked. */
  tenure: z.int().default(0),
  /** Of the person's sessions when the password was checked. */
  generation: z.string().nullable(),
  /** A session of the same person that the new one takes the place of. */
  replacesSessionId: z.string().nullable().default(null),
})

/** Somebody who has proven their password and owes the second factor. */
export type Challenge = z.output<typeof Stored>

const challengeKey = (token: string) => `once:second-factor:${sha256Hex(token)}`

/**
 * Begins the second step of a sign-in, where one is due.
 *
 * @returns a token that is good for this step only, or null: the password was enough
 */
export async function beginSecondStep(
  ctx: Pick<Ctx, 'config' | 'services' | 'random'>,
  user: { id: number; role: Role; tenure: number },
  options: { generation?: string | undefined; replacesSessionId?: string },
): Promise<{ token: string; step: Challenge['step'] } | null> {
  const isEnrolled = await hasSecondFactor(ctx, user.id)
  if (!isEnrolled && !isSecondFactorRequired(ctx, user.role)) return null
  const token = toBase64Url(ctx.random.bytes(TOKEN_BYTES))
  const step = isEnrolled ? 'verify' : 'enrol'
  const challenge: Challenge = {
    userId: user.id,
    step,
    tenure: user.tenure,
    generation: options.generation ?? null,
    replacesSessionId: options.replacesSessionId ?? null,
  }
  await ctx.services.redis.set(challengeKey(token), JSON.stringify(challenge), {
    ex: CHALLENGE_SECONDS,
  })
  return { token, step }
}

/** @throws {AppError} `invalid_token` */
export async function readChallenge(
  ctx: Pick<Ctx, 'services'>,
  token: string,
  step: Challenge['step'],
): Promise<Challenge> {
  const stored = await ctx.services.redis.get<string>(challengeKey(token))
  const challenge = stored ? Stored.parse(JSON.parse(stored)) : null
  if (challenge?.step !== step) throw expired()
  return challenge
}

/**
 * Ends it: of several requests at once, one does.
 *
 * @throws {AppError} `invalid_token`
 */
export async function consumeChallenge(ctx: Pick<Ctx, 'services'>, token: string): Promise<void> {
  if ((await ctx.services.redis.del(challengeKey(token))) === 0) throw expired()
}

/** Whether people of this role must have a second factor (`MFA_REQUIRED_ROLES`). */
export function isSecondFactorRequired(ctx: Pick<Ctx, 'config'>, role: Role): boolean {
  return ctx.config.MFA_REQUIRED_ROLES.includes(role)
}

function expired(): AppError {
  return new AppError('invalid_token', 'This sign-in has expired. Begin with your password again.')
}
