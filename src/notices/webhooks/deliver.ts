import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { webhookMarker } from './due.ts'
import {
  claimWebhooks,
  deleteExpiredWebhooks,
  deleteWebhook,
  nextWebhookAt,
  postponeWebhook,
  type WebhookRow,
} from './queries.ts'
import { signatureHeaders } from './sign.ts'

const TIMEOUT_MS = 10_000
/** At once; together they end well before what they have claimed is anybody's again. */
const BATCH = 20
const CLAIM_MS = 60_000
/** Between attempts: doubled each time, from half a minute to six hours. */
const FIRST_DELAY_MS = 30_000
const MAX_DELAY_MS = 6 * 3_600_000

type DeliverCtx = Pick<Ctx, 'services' | 'clock' | 'logger' | 'config' | 'waitUntil'>

interface Receiver {
  url: string
  secret: string
}

/**
 * Makes another attempt for every message to the operator's webhook that is due, and gives up those
 * that are too old; run by cron. Whatever it answers 2xx is done; a message that was taken just before
 * a crash comes twice, with one `webhook-id`.
 *
 * @returns how many were taken or given up
 */
export async function deliverDueWebhooks(ctx: DeliverCtx): Promise<number> {
  const { config, services, clock } = ctx
  const { QUOTA_WEBHOOK_URL: url, QUOTA_WEBHOOK_SECRET: secret } = config
  return webhookMarker.workIfDue(ctx, async () => {
    const now = clock.now()
    const givenUp = await deleteExpiredWebhooks(services.db, new Date(now))
    if (givenUp > 0) ctx.logger.log('warn', 'webhook_given_up', { count: givenUp })
    if (!url || !secret) return { changed: givenUp, nextAt: null }
    const until = new Date(now + CLAIM_MS)
    const rows = await claimWebhooks(services.db, new Date(now), until, BATCH)
    const taken = await Promise.all(rows.map((row) => deliver(ctx, row, { url, secret })))
    return {
      changed: taken.filter(Boolean).length + givenUp,
      nextAt: await nextWebhookAt(services.db),
    }
  })
}

/** One attempt. */
async function deliver(ctx: DeliverCtx, row: WebhookRow, receiver: Receiver): Promise<boolean> {
  try {
    const problem = await send(ctx, row, receiver)
    if (problem === null) {
      await deleteWebhook(ctx.services.db, row.id)
      return true
    }
    await postpone(ctx, row, problem)
  } catch (error) {
    await postpone(ctx, row, errorName(error)).catch(() => undefined)
  }
  return false
}

/** @returns what was wrong, in words for the log */
async function send(
  { clock }: DeliverCtx,
  row: WebhookRow,
  { url, secret }: Receiver,
): Promise<string | null> {
  const response = await fetch(url, {
    method: 'POST',
    // What the operator has configured is where it goes, and nowhere else.
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'shared-accounts',
      ...(await signatureHeaders(secret, row, clock.now())),
    },
    body: row.body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await response.body?.cancel()
  return response.ok ? null : `status ${response.status}`
}

async function postpone(ctx: DeliverCtx, row: WebhookRow, problem: string): Promise<void> {
  const { id, type, attempts } = row
  ctx.logger.log('warn', 'webhook_failed', { webhook_id: id, type, attempts, problem })
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS)
  await postponeWebhook(ctx.services.db, row, new Date(ctx.clock.now() + delayMs))
}
