import type { Ctx } from '../../context.ts'
import { SecretBoxError } from '../../platform/crypto/secret-box.ts'
import { errorName } from '../../platform/logger.ts'
import { MailError } from '../../ports/mailer.ts'
import { nameAccount } from './account-mark.ts'
import { mayReach } from './allowance.ts'
import { contentOwner, MailContent } from './compose.ts'
import { mailMarker } from './due.ts'
import { MailFacts } from './facts.ts'
import {
  claimMail,
  deleteExpiredMails,
  deleteMail,
  findAccount,
  listDueMails,
  nextMailAt,
  type OutboxRow,
  postponeMail,
} from './queries.ts'
import { renderTemplate } from './templates/index.ts'

/** Longer than one attempt may take, so that attempts never overlap. */
const CLAIM_MS = 60_000
/** Between attempts: doubled each time, from half a minute to six hours. */
const FIRST_DELAY_MS = 30_000
const MAX_DELAY_MS = 6 * 3_600_000
const BATCH = 20

type DeliverCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'logger' | 'waitUntil'>

/** Starts to send a mail that is in the outbox, after the answer has left. */
export function deliverSoon(ctx: DeliverCtx, ...mails: ({ id: string } | null)[]): void {
  for (const mail of mails) if (mail) ctx.waitUntil(deliver(ctx, mail.id))
}

/** Makes another attempt for every mail that is due, and gives up those that are too old; run by cron. */
export async function deliverDue(ctx: DeliverCtx): Promise<number> {
  const { db, mailer } = ctx.services
  return mailMarker.workIfDue(ctx, async () => {
    const now = new Date(ctx.clock.now())
    const givenUp = await deleteExpiredMails(db, now)
    if (givenUp > 0) ctx.logger.log('warn', 'mail_given_up', { count: givenUp })
    // Without a way to send, the sweeps do to give mails up.
    if (!mailer) return { changed: givenUp, nextAt: null }
    let sent = 0
    for (const id of await listDueMails(db, now, BATCH)) if (await deliver(ctx, id)) sent++
    return { changed: sent + givenUp, nextAt: await nextMailAt(db) }
  })
}

/** One attempt. A mail that was taken just before a crash goes out twice, with one `Message-ID`. */
async function deliver(ctx: DeliverCtx, id: string): Promise<boolean> {
  const { db, mailer } = ctx.services
  const now = ctx.clock.now()
  let row: OutboxRow | null = null
  try {
    row = await claimMail(db, id, new Date(now), new Date(now + CLAIM_MS))
    if (!row || !mailer) return false
    if (!(await mayReach(ctx, row))) {
      ctx.logger.log('warn', 'mail_withheld', { mail_id: id, kind: row.kind })
      await deleteMail(db, id)
      return false
    }
    const account = row.userId === null ? null : await findAccount(db, row.userId)
    const content = nameAccount(await contentOf(ctx, row), account)
    await mailer.send({ id, to: row.recipient, ...content })
    await deleteMail(db, id)
    return true
  } catch (error) {
    await settleFailure(ctx, id, row, error).catch(() => undefined)
    return false
  }
}

async function contentOf(ctx: DeliverCtx, { id, facts, contentCiphertext }: OutboxRow) {
  if (facts) return renderTemplate(MailFacts.parse(facts), ctx.config.PUBLIC_URL ?? '')
  const opened = await ctx.services.secretBox.open(contentCiphertext ?? '', contentOwner(id))
  return MailContent.parse(JSON.parse(opened))
}

async function settleFailure(
  ctx: DeliverCtx,
  id: string,
  row: OutboxRow | null,
  error: unknown,
): Promise<void> {
  const isHopeless =
    (error instanceof MailError && error.isPermanent) || error instanceof SecretBoxError
  ctx.logger.log(isHopeless ? 'error' : 'warn', 'mail_failed', {
    mail_id: id,
    kind: row?.kind,
    attempts: row?.attempts,
    error: errorName(error),
    // Our own words, which never hold an address.
    reason: error instanceof MailError ? error.message : undefined,
  })
  if (!row) return
  if (isHopeless) return deleteMail(ctx.services.db, id)
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (row.attempts - 1), MAX_DELAY_MS)
  const nextAt = new Date(ctx.clock.now() + delayMs)
  mailMarker.noteSoon(ctx, nextAt)
  await postponeMail(ctx.services.db, row, nextAt)
}
