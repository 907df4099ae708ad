import { html } from 'hono/html'
import { action, type Rendered } from './layout.ts'

/** What a person is told about after it happened. */
export type NoticeKind =
  | 'password_changed'
  | 'email_changed'
  | 'second_factor_enabled'
  | 'second_factor_disabled'
  | 'recovery_code_used'
  | 'refresh_reused'
  | 'account_deleted'

const NOTICES: Record<NoticeKind, { subject: string; what: string }> = {
  password_changed: {
    subject: 'Your password was changed',
    what: 'The password of your account was changed. Other devices have been signed out.',
  },
  email_changed: {
    subject: 'Your e-mail address was changed',
    what: 'Your account uses another e-mail address from now on.',
  },
  second_factor_enabled: {
    subject: 'Two-step sign-in is on',
    what: 'An authenticator app was added to your account.',
  },
  second_factor_disabled: {
    subject: 'Two-step sign-in is off',
    what: 'The authenticator app was removed from your account.',
  },
  recovery_code_used: {
    subject: 'A recovery code was used',
    what: 'Somebody signed in to your account with one of your recovery codes.',
  },
  refresh_reused: {
    subject: 'A device was signed out',
    what: 'A key of one of your devices was used twice, as if somebody had copied it. That device has been signed out; the others have not.',
  },
  account_deleted: {
    subject: 'Your account was deleted',
    what: 'Your account and what belonged to it were deleted.',
  },
}

/** Tells somebody what has happened, and what to do if it was not them. */
export function notice(kind: NoticeKind, resetLink: string): Rendered {
  const { subject, what } = NOTICES[kind]
  if (kind === 'account_deleted') return { subject, text: `${what}\n`, body: html`<p>${what}</p>` }
  return {
    subject,
    text: `${what}

If it was not you, choose a new password at once:
${resetLink}
`,
    body: html`
      <p>${what}</p>
      <p>If it was not you, choose a new password at once.</p>
      ${action(resetLink, 'Choose a new password')}`,
  }
}

/** To the owner of an address that somebody tried to register again. */
export function addressTaken(resetLink: string): Rendered {
  return {
    subject: 'You have an account already',
    text: `Somebody, probably you, tried to register with this address. It has an account already.

If you do not remember the password, choose a new one:
${resetLink}

If it was not you, do nothing.
`,
    body: html`
      <p>
        Somebody, probably you, tried to register with this address. It has an account already.
      </p>
      <p>If you do not remember the password, choose a new one.</p>
      ${action(resetLink, 'Choose a new password')}
      <p>If it was not you, do nothing.</p>`,
  }
}
