import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { mailMarker } from './due.ts'
import type { NewOutboxRow } from './queries.ts'
import { renderTemplate, type Template } from './templates/index.ts'

const HOUR_MS = 3_600_000
/** A mail without a token in it stays of use for a while. */
const DEFAULT_LIFE_MS = 24 * HOUR_MS

export const MailContent = z.object({ subject: z.string(), text: z.string(), html: z.string() })

/** Who may open the content of a mail; part of the sealed text. */
export const contentOwner = (id: string) => `mail:${id}`

type ComposeCtx = Pick<
  Ctx,
  'config' | 'services' | 'clock' | 'random' | 'logger' | 'requestId' | 'waitUntil'
>

/**
 * Writes a mail, sealed, as a row for the outbox: put `outboxRow` or `outboxRowFor` of it into the
 * batch of what it reports, and call `deliverSoon` after it.
 *
 * @returns null when no mail is configured
 */
export async function composeMail(
  ctx: ComposeCtx,
  template: Template,
  lifeMs = DEFAULT_LIFE_MS,
): Promise<NewOutboxRow | null> {
  if (!ctx.services.mailer || !ctx.config.PUBLIC_URL) {
    ctx.logger.log('info', 'mail_not_configured', {
      request_id: ctx.requestId,
      kind: template.kind,
    })
    return null
  }
  // Before there is a row: should the isolate end with the batch, cron finds it.
  mailMarker.noteSoon(ctx)
  const id = ctx.random.uuid()
  const nowMs = ctx.clock.now()
  const content = await renderTemplate(template, ctx.config.PUBLIC_URL)
  return {
    id,
    kind: template.kind,
    contentCiphertext: await ctx.services.secretBox.seal(JSON.stringify(content), contentOwner(id)),
    now: new Date(nowMs),
    expiresAt: new Date(nowMs + lifeMs),
  }
}
