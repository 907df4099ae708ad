import { html } from 'hono/html'
import { ACCOUNT_MARK } from '../account-mark.ts'
import { action, type Rendered } from './layout.ts'

export function resetPassword(link: string, minutes: number): Rendered {
  return {
    subject: 'Choose a new password',
    text: `Somebody, probably you, asked for a new password for the account ${ACCOUNT_MARK}.

Choose it here within ${minutes} minutes:
${link}

The link works once, and all your devices will have to sign in again.
If it was not you, do nothing: your password stays as it is.
`,
    body: html`
      <p>
        Somebody, probably you, asked for a new password for the account <strong>${ACCOUNT_MARK}</strong>.
      </p>
      ${action(link, 'Choose a new password')}
      <p>
        The link works once and for ${minutes} minutes. All your devices will have to sign in
        again.
      </p>
      <p>If it was not you, do nothing: your password stays as it is.</p>`,
  }
}
