import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { foldName } from '../../platform/folding.ts'
import { isAddressKnown } from './queries.ts'

/**
 * For administrators, who may know who is here: an address that somebody else has, confirmed or not,
 * is refused. Two of them at the same moment may give an address to two people; until one of these
 * confirms it, that is what registration allows everybody.
 *
 * @throws {AppError} `email_taken`
 */
export async function requireFreeAddress(
  ctx: Pick<Ctx, 'services'>,
  email: string | null | undefined,
  exceptUserId?: number,
): Promise<void> {
  if (email && (await isAddressKnown(ctx.services.db, foldName(email), exceptUserId)))
    throw new AppError('email_taken', 'Another account has this e-mail address.')
}
