import type { Ctx } from '../../../context.ts'
import * as queries from './switch-queries.ts'

/**
 * Writes down that an owner leaves a model of their account out, or uses it again: what they leave out
 * is not switched on by us.
 */
export function noteOwnersSwitch(
  { services }: Pick<Ctx, 'services'>,
  cookieId: string,
  model: string,
  isOff: boolean,
): Promise<void> {
  return queries.noteOwners(services.db, { cookieId, model }, isOff)
}

/** Which models of an account its owner leaves out. */
export function ownersOff({ services }: Pick<Ctx, 'services'>, cookieId: string) {
  return queries.ownersOff(services.db, cookieId)
}
