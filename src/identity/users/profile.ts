import * as z from 'zod'
import { toUser, User, type UserRow } from '../accounts/index.ts'

/** A person as they see themselves: with what they have chosen. */
export const Profile = User.extend({
  quota_mails: z
    .boolean()
    .describe('Whether you are told by mail when little of a pool of yours is left.'),
}).meta({ id: 'Profile' })

export function toProfile(row: UserRow): z.input<typeof Profile> {
  return { ...toUser(row), quota_mails: row.wantsQuotaMail }
}
