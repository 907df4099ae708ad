import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { nameColumns } from './name-columns.ts'
import { isNameHeld } from './queries.ts'
import { Username, type UsernameCheck } from './schemas.ts'

/** Whether a user name is free. Addresses are no user names: about them nothing is told. */
export async function checkUsername(
  ctx: Ctx,
  name: string,
): Promise<z.input<typeof UsernameCheck>> {
  const isValid = Username.safeParse(name).success
  const exists = isValid && (await isNameHeld(ctx.services.db, nameColumns(name)))
  return { username: name, exists, available: isValid && !exists }
}
