import { html } from 'hono/html'
import { action, type Rendered } from './layout.ts'

/** To whoever lends an AI account that is not used any more, without their doing. */
export function accountOff(accountsLink: string): Rendered {
  const what =
    'One of the AI accounts that you lend is not used any more: its vendor refuses it, or the AI service has switched it off. Until that is mended it adds nothing to what you may draw.'
  const off =
    'You will not be told again until it has been used. To get no such mails, set "quota_mails" to false with PUT /api/users/me.'
  return {
    subject: 'An AI account that you lend is off',
    text: `${what}

Which one it is, and what can be done:
${accountsLink}

${off}
`,
    body: html`
      <p>${what}</p>
      ${action(accountsLink, 'See which one it is')}
      <p>${off}</p>`,
  }
}
