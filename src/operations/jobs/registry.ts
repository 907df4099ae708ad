import type { Ctx } from '../../context.ts'
import { expireTokens } from '../../credentials/one-time-tokens/index.ts'
import { rotateDue } from '../../credentials/signing-keys/index.ts'
import { liftEndedBans } from '../../identity/administration/index.ts'
import { expireEmailChanges } from '../../identity/email-address/index.ts'
import { expireClients } from '../../identity/oauth-clients/index.ts'
import { rollUpUsage } from '../../metering/statistics/index.ts'
import { expireAuditEvents, writeKeptEvents } from '../../notices/audit/index.ts'
import { deliverDue } from '../../notices/mail/index.ts'
import { deliverDueWebhooks } from '../../notices/webhooks/index.ts'
import { tellOfAccountsOff } from '../../sharing/lending/index.ts'
import { deleteDuePluginUsers, provisionDue } from '../../sharing/plugin/index.ts'
import {
  archiveHistory,
  keepReserves,
  recoverPools,
  settleDue,
  settleStragglers,
} from '../../sharing/quota/index.ts'

/** Something that is done from time to time. */
export interface Job {
  /** Names it in the log, in reports and in addresses; never changes. */
  name: string
  /** When it runs, in UTC; as in wrangler.toml. */
  cron: string
  /**
   * Whether a lock in Redis keeps a second run from starting while one is under way. For work that
   * would be done twice for nothing: a job has to be correct without it, since a lock can be lost.
   */
  isExclusive?: true
  /** Does the work and says how many things it changed. */
  run(ctx: Ctx): Promise<number>
}

const OFTEN = '*/5 * * * *'
const HOURLY = '0 * * * *'
const AT_NIGHT = '17 3 * * *'

/**
 * All jobs; those of one time run one after the other in this order. Those that are not exclusive
 * claim what they work on, or change it by one conditional statement: two runs share the work.
 */
export const JOBS: readonly Job[] = [
  { name: 'plugin-provisioning', cron: OFTEN, run: provisionDue },
  { name: 'usage-stragglers', cron: OFTEN, run: settleStragglers },
  { name: 'settlement', cron: OFTEN, run: settleDue },
  // After what was used is in the books: that says what has come down to the reserve.
  { name: 'lender-reserve', cron: OFTEN, run: keepReserves },
  // Before the mails, some of which wait with it.
  { name: 'audit-backlog', cron: OFTEN, run: writeKeptEvents },
  { name: 'mail', cron: OFTEN, run: deliverDue },
  { name: 'webhooks', cron: OFTEN, run: deliverDueWebhooks },
  { name: 'plugin-deletion', cron: OFTEN, run: deleteDuePluginUsers },
  { name: 'ended-bans', cron: OFTEN, run: liftEndedBans },
  { name: 'quota-recovery', cron: HOURLY, run: recoverPools },
  { name: 'signing-keys', cron: AT_NIGHT, run: rotateDue },
  { name: 'audit-retention', cron: AT_NIGHT, run: expireAuditEvents },
  { name: 'mail-tokens', cron: AT_NIGHT, run: expireTokens },
  { name: 'email-changes', cron: AT_NIGHT, run: expireEmailChanges },
  { name: 'oauth-clients', cron: AT_NIGHT, run: expireClients },
  { name: 'accounts-off', cron: AT_NIGHT, run: tellOfAccountsOff },
  { name: 'ledger-archive', cron: AT_NIGHT, run: archiveHistory },
  // Two at once would read the same calls, and count them once.
  { name: 'usage-roll-up', cron: AT_NIGHT, isExclusive: true, run: (ctx) => rollUpUsage(ctx) },
]
