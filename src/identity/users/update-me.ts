import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { isNameTaken, nameColumns, Username, type UserRow } from '../accounts/index.ts'
import { updateProfile } from './queries.ts'

export const UpdateMeInput = z
  .object({
    username: Username.optional(),
    avatar_url: z
      .url({ protocol: /^https$/ })
      .max(2_000)
      .nullable()
      .optional(),
    quota_mails: z
      .boolean()
      .optional()
      .describe('Whether to tell you by mail when little of a pool of yours is left.'),
    email: z
      .undefined({ error: 'Use POST /api/auth/change-email: both mailboxes have to agree.' })
      .optional(),
  })
  .meta({ id: 'UpdateMeInput' })

/**
 * Changes what people may change about themselves; absent fields stay.
 *
 * @throws {AppError} `username_taken`
 */
export async function updateMe(ctx: Ctx, input: z.output<typeof UpdateMeInput>): Promise<UserRow> {
  const { db } = ctx.services
  const { userId } = requirePerson(ctx)
  const { username, avatar_url, quota_mails } = input
  await forgetPerson(ctx, userId)
  try {
    const [rows] = await atomically(db, [
      updateProfile(
        db,
        userId,
        {
          ...(username !== undefined && nameColumns(username)),
          ...(avatar_url !== undefined && { avatarUrl: avatar_url }),
          ...(quota_mails !== undefined && { wantsQuotaMail: quota_mails }),
        },
        new Date(ctx.clock.now()),
      ),
      auditRow(ctx, {
        event: 'account.updated',
        userId,
        details: { fields: Object.keys(input).sort().join(', ') },
      }),
    ])
    const [row] = rows as UserRow[]
    if (!row) throw new AppError('invalid_token', 'Could not validate credentials.')
    return row
  } catch (error) {
    if (!isNameTaken(uniqueViolation(error))) throw error
    throw new AppError('username_taken', 'This username is taken. Choose another one.')
  } finally {
    forgetPersonHere(userId)
  }
}
