import { html } from 'hono/html'
import type { Rendered } from './layout.ts'

/** What a mail about a pool says; amounts in units. */
export interface QuotaLow {
  group: string
  balance: number
  ceiling: number
}

/** An hour brings back a fifth of the ceiling. */
const RECOVERY_PER_HOUR = 0.2

export function quotaLow({ group, balance, ceiling }: QuotaLow): Rendered {
  const left =
    balance > 0 ? `${units(balance)} of ${units(ceiling)} units are left` : 'Nothing is left'
  const recovers = `It recovers ${units(ceiling * RECOVERY_PER_HOUR)} units an hour; calls that need more than there is are refused meanwhile.`
  const more = "Lending another account lets you draw more from everybody's."
  const off =
    'You will not be told again until it has recovered. To get no such mails, set "quota_mails" to false with PUT /api/users/me.'
  return {
    subject: `Little is left of your pool for ${group}`,
    text: `${left} of your pool for ${group}.

${recovers}
${more}

${off}
`,
    body: html`
      <p>
        ${left} of your pool for <strong>${group}</strong>.
      </p>
      <p>
        ${recovers} ${more}
      </p>
      <p>${off}</p>`,
  }
}

function units(amount: number): string {
  return String(Math.round(amount * 10_000) / 10_000)
}
