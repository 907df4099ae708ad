import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { requireGoodPassword } from '../../credentials/password-policy/index.ts'
import { auditRowFor } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { addUser, requireFreeAddress } from '../accounts/index.ts'
import type { AdminUserRow } from './queries.ts'
import { requireWithinReach } from './reach.ts'
import type { CreateUserInput } from './schemas.ts'

/**
 * Makes a person, of whatever role.
 *
 * @throws {AppError} `validation_failed`, `username_taken`, `email_taken`, `forbidden` for a key that
 *   would make somebody who may more than the key
 */
export async function createUser(
  ctx: Ctx,
  input: z.output<typeof CreateUserInput>,
): Promise<AdminUserRow> {
  requirePermission(ctx, 'users:write')
  requireWithinReach(ctx, input.role)
  await requireGoodPassword(ctx, input.password, input, 'password')
  await requireFreeAddress(ctx, input.email)
  const user = await addUser(
    ctx,
    {
      username: input.username,
      email: input.email,
      passwordHash: await hashPassword(
        input.password,
        ctx.random.bytes(16),
        ctx.config.passwordCost,
      ),
      role: input.role,
      trustLevel: input.trust_level,
      emailVerifiedAt: input.email && input.is_verified ? new Date(ctx.clock.now()) : null,
    },
    (person) => [
      auditRowFor(ctx, { event: 'user.created', details: { role: input.role } }, person.id),
    ],
  )
  return { ...user, hasSecondFactor: false }
}
