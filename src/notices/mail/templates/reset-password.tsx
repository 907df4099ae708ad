import { ACCOUNT_MARK } from '../account-mark.ts'
import { Action, type Rendered } from './layout.tsx'

export function resetPassword(link: string, minutes: number): Rendered {
  return {
    subject: 'Choose a new password',
    text: `Somebody, probably you, asked for a new password for the account ${ACCOUNT_MARK}.

Choose it here within ${minutes} minutes:
${link}

The link works once, and all your devices will have to sign in again.
If it was not you, do nothing: your password stays as it is.
`,
    body: (
      <>
        <p>
          Somebody, probably you, asked for a new password for the account{' '}
          <strong>{ACCOUNT_MARK}</strong>.
        </p>
        <Action href={link}>Choose a new password</Action>
        <p>
          The link works once and for {minutes} minutes. All your devices will have to sign in
          again.
        </p>
        <p>If it was not you, do nothing: your password stays as it is.</p>
      </>
    ),
  }
}
