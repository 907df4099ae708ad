import type { Ctx } from '../../context.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import { foldName } from '../../platform/folding.ts'
import { defineScript } from '../../platform/script.ts'

/**
 * Mails that anybody can have sent to a mailbox, whoever reads there, and what they are counted with.
 * Links for a new password are counted apart: nobody must be kept from theirs by somebody who
 * registers with their address again and again.
 */
const COUNTED: Record<string, 'reset' | 'other'> = {
  reset_password: 'reset',
  verify_email: 'other',
  change_email_new: 'other',
  address_taken: 'other',
}

/** How many accounts that claim one unproven address get links when one is asked for by it. */
export const LINKS_AT_ONCE = 3

/**
 * KEYS mailbox · ARGV mail id, nowMs, windowMs, limit · 1 when the mail may go, and counts. One that
 * is tried again counts once.
 */
const COUNT = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2] - ARGV[3])
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

const countScript = defineScript<number>(COUNT)

type AllowanceCtx = Pick<Ctx, 'config' | 'services' | 'clock'>

/**
 * Whether a mailbox may get this mail as well (`MAILBOX_RATE_LIMIT`), asked just before it goes out:
 * only then is it known for every mail whose mailbox it is, and nobody waits who could tell.
 */
export async function mayReach(
  { config, services, clock }: AllowanceCtx,
  mail: { id: string; kind: string; recipient: string },
): Promise<boolean> {
  const group = COUNTED[mail.kind]
  if (!group) return true
  const { limit, windowSeconds } = config.rateLimits.mailbox
  const key = `mailbox:${group}:${sha256Hex(foldName(mail.recipient))}`
  // A person can be named by their address and by their user name, `mayAsk` counts both.
  const mails = group === 'reset' ? 2 * limit : limit
  const args = [mail.id, clock.now(), windowSeconds * 1000, mails]
  return (await countScript.run(services.redis, [key], args)) === 1
}

/**
 * Counts that somebody asks for a link to be mailed to whoever has this name, before it is known
 * whether anybody has. A new link kills the one before it, so that one that would not be mailed must
 * not even be made.
 *
 * @param nameKey a user name or an address, folded
 */
export async function mayAsk(
  { config, services, clock }: AllowanceCtx,
  kind: 'reset_password' | 'verify_email',
  nameKey: string,
): Promise<boolean> {
  if (!services.mailer) return true
  const policy = { name: `asked_${kind}`, ...config.rateLimits.mailbox }
  // Hashed: what people type into the name field by mistake is often their password.
  const verdict = await services.rateLimiter.take(policy, sha256Hex(nameKey), clock.now())
  return verdict.isAllowed
}
