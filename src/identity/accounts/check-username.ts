import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { foldName } from '../../platform/folding.ts'
import { findUserByName } from './queries.ts'
import { Username, type UsernameCheck } from './schemas.ts'

/** Whether a user name is free. Addresses are no user names: about them nothing is told. */
export async function checkUsername(
  ctx: Ctx,
  name: string,
): Promise<z.input<typeof UsernameCheck>> {
  const isValid = Username.safeParse(name).success
  const owner = isValid ? await findUserByName(ctx.services.db, foldName(name)) : null
  return { username: name, exists: owner !== null, available: isValid && owner === null }
}
