import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { auditRow } from '../../notices/audit/index.ts'
import {
  foldName,
  getMe,
  isNameTaken,
  nameColumns,
  Username,
  type UserRow,
} from '../accounts/index.ts'
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
      .string()
      .max(320)
      .nullable()
      .optional()
      .describe('As it is: `POST /api/auth/change-email` changes it.'),
  })
  .meta({ id: 'UpdateMeInput' })

/**
 * Changes what people may change about themselves; absent fields stay.
 *
 * @throws {AppError} `username_taken`; `validation_failed` for another address than the person's
 */
export async function updateMe(ctx: Ctx, input: z.output<typeof UpdateMeInput>): Promise<UserRow> {
  const { db } = ctx.services
  const { userId } = requirePerson(ctx)
  const { email, ...changes } = input
  const { username, avatar_url, quota_mails } = changes
  if (email !== undefined) await requireSameAddress(ctx, email)
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
        details: { fields: Object.keys(changes).sort().join(', ') },
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

/** Programs send back what they were given, changed in one place. */
async function requireSameAddress(ctx: Ctx, email: string | null): Promise<void> {
  const me = await getMe(ctx)
  if ((email && foldName(email)) === (me.email && foldName(me.email))) return
  const message = 'Use POST /api/auth/change-email: both mailboxes have to agree.'
  throw new AppError('validation_failed', message, { errors: [{ path: 'email', message }] })
}
