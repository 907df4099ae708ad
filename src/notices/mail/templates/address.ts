import { html } from 'hono/html'
import { ACCOUNT_MARK } from '../account-mark.ts'
import { action, type Rendered } from './layout.ts'

export function verifyAddress(link: string, hours: number): Rendered {
  return {
    subject: 'Confirm your e-mail address',
    text: `Somebody, probably you, has made the account ${ACCOUNT_MARK}.
Confirm that it is yours, and this its address, within ${hours} hours, best where you are signed in to it:
${link}

If you did not make this account, do nothing.
`,
    body: html`
      <p>
        Somebody, probably you, has made the account <strong>${ACCOUNT_MARK}</strong>. Confirm that
        it is yours, and this its address, best where you are signed in to it.
      </p>
      ${action(link, 'Confirm my address')}
      <p>The link works for ${hours} hours. If you did not make this account, do nothing.</p>`,
  }
}

/** To the address that is to be given up. */
export function addressChangeOld(link: string, newEmail: string, hours: number): Rendered {
  return {
    subject: 'Your e-mail address is about to change',
    text: `Somebody signed in to your account wants to change its e-mail address to ${newEmail}.

If it was you, agree within ${hours} hours:
${link}

It changes only when both mailboxes have agreed.
If it was not you, change your password now: somebody else is signed in as you.
`,
    body: html`
      <p>
        Somebody signed in to your account wants to change its e-mail address to <strong>${newEmail}</strong>.
      </p>
      ${action(link, 'It was me: agree')}
      <p>
        The link works for ${hours} hours. The address changes only when both mailboxes have
        agreed.
      </p>
      <p>If it was not you, change your password now: somebody else is signed in as you.</p>`,
  }
}

/** To the address that is to take its place. */
export function addressChangeNew(link: string, hours: number): Rendered {
  return {
    subject: 'Confirm your new e-mail address',
    text: `Somebody, probably you, wants to use this address for the account ${ACCOUNT_MARK}.

Confirm it within ${hours} hours:
${link}

If it was not you, do nothing.
`,
    body: html`
      <p>
        Somebody, probably you, wants to use this address for the account <strong>${ACCOUNT_MARK}</strong>.
      </p>
      ${action(link, 'Confirm my new address')}
      <p>The link works for ${hours} hours. If it was not you, do nothing.</p>`,
  }
}
