import { type Ctx, requirePerson } from '../../../context.ts'
import { HELD_OFF } from '../../../db/schema/index.ts'
import { clearHold, type Hold, holdsOf, waiveHold } from './hold-queries.ts'

/** What is held back for the person, by account. */
export function heldBack(ctx: Ctx): Promise<Map<string, Hold>> {
  return holdsOf(ctx.services.db, requirePerson(ctx).userId)
}

/**
 * The person takes an account back. To be called before the plug-in is: should anything break off
 * after it, the account is at most theirs a little late, and never shared against their will.
 */
export function dropHold(ctx: Ctx, cookieId: string): Promise<void> {
  return clearHold(ctx.services.db, requirePerson(ctx).userId, cookieId)
}

/**
 * The person lends what was held back for them. To be called after the plug-in has shared it: should
 * anything break off before it, it is shared when its quota is back, as it would have been.
 */
export function lendReserve(ctx: Ctx, cookieId: string): Promise<void> {
  return waiveHold(ctx.services.db, requirePerson(ctx).userId, cookieId)
}

/** The person switches an account off that is off already to keep it for them: it stays so. */
export function keepOff(ctx: Ctx, cookieId: string): Promise<void> {
  return clearHold(ctx.services.db, requirePerson(ctx).userId, cookieId, HELD_OFF)
}

/** The person switches it on again: they lend what was held back. */
export function endOff(ctx: Ctx, cookieId: string): Promise<void> {
  return waiveHold(ctx.services.db, requirePerson(ctx).userId, cookieId, ['off'])
}
