import type { Ctx } from '../../context.ts'
import { newToken, ownerOfToken, tokenRowFor } from '../../credentials/one-time-tokens/index.ts'
import { atomically } from '../../db/batch.ts'
import { auditRowAbout, auditRowFor } from '../../notices/audit/index.ts'
import {
  composeMail,
  deliverSoon,
  LINKS_AT_ONCE,
  mayAsk,
  outboxRowFor,
} from '../../notices/mail/index.ts'
import { claimantOf, foldName, ownerOf, personByName } from '../accounts/index.ts'

export const RESET_MINUTES = 30

/**
 * Mails a link for choosing a new password. One and the same batch runs whether or not somebody has
 * the name, and however many claim an address that nobody has proven: each of them gets a link, which
 * names the account, so that who reads there chooses. So neither the answer nor its time tells. Beyond `MAILBOX_RATE_LIMIT` the answer is
 * the same and no link comes.
 */
export async function forgotPassword(ctx: Ctx, name: string): Promise<void> {
  const { db } = ctx.services
  const nameKey = foldName(name)
  const places = [...Array(LINKS_AT_ONCE).keys()]
  const links = (await mayAsk(ctx, 'reset_password', nameKey))
    ? await Promise.all(places.map((place) => newLink(ctx, nameKey, place)))
    : []
  await atomically(db, [
    ...links.flatMap(({ statements }) => statements),
    auditRowAbout(ctx, { event: 'password.reset_requested' }, ownerOf(nameKey)),
    // Whoever claims an address reads of it alike whether or not the address is somebody else's.
    auditRowFor(ctx, { event: 'password.reset_requested' }, claimantOf(nameKey)),
  ])
  deliverSoon(ctx, ...links.map(({ mail }) => mail))
}

async function newLink(ctx: Ctx, nameKey: string, place: number) {
  const { db } = ctx.services
  const now = new Date(ctx.clock.now())
  const lifeMs = RESET_MINUTES * 60_000
  const { token, hash } = newToken(ctx)
  const template = { kind: 'reset_password', token, minutes: RESET_MINUTES } as const
  const mail = await composeMail(ctx, template, lifeMs)
  const expiresAt = new Date(now.getTime() + lifeMs)
  return {
    mail,
    statements: [
      tokenRowFor(
        db,
        { hash, purpose: 'reset_password', now, expiresAt },
        personByName(nameKey, now, place),
      ),
      mail && outboxRowFor(db, mail, ownerOfToken(hash)),
    ],
  }
}
