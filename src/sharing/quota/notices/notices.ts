import type { Ctx } from '../../../context.ts'
import { mailMarker } from '../../../notices/mail/index.ts'
import { webhookMarker } from '../../../notices/webhooks/index.ts'
import type { Notices } from './notice-queries.ts'

/**
 * Who is told when little of a pool is left.
 *
 * @param key makes the messages' ids unique
 */
export function noticesOf({ config, services }: Pick<Ctx, 'config' | 'services'>, key: string) {
  return {
    percent: config.LOW_BALANCE_PERCENT,
    key,
    isByMail: services.mailer !== null && config.PUBLIC_URL !== undefined,
    isByWebhook: config.QUOTA_WEBHOOK_URL !== undefined,
  } satisfies Notices
}

/** Says that there are messages to be sent; cron does, away from anybody's request. */
export function noticesWait(ctx: Pick<Ctx, 'services' | 'clock' | 'config' | 'waitUntil'>): void {
  mailMarker.noteSoon(ctx)
  if (ctx.config.QUOTA_WEBHOOK_URL) webhookMarker.noteSoon(ctx)
}
