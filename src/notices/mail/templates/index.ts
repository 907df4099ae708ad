import { ACCOUNT_MARK } from '../account-mark.ts'
import { accountOff } from './account-off.ts'
import { addressChangeNew, addressChangeOld, verifyAddress } from './address.ts'
import type { Rendered } from './layout.ts'
import { renderHtml } from './layout.ts'
import { addressTaken, type NoticeKind, notice } from './notices.ts'
import { type QuotaLow, quotaLow } from './quota-low.ts'
import { resetPassword } from './reset-password.ts'

/** Every mail that goes out, and what it needs to be written. */
export type Template =
  | { kind: 'reset_password'; token: string; minutes: number }
  | { kind: 'verify_email'; token: string; hours: number }
  | {
      kind: 'change_email_old' | 'change_email_new'
      token: string
      newEmail: string
      hours: number
    }
  | { kind: 'address_taken' | 'account_off' }
  | ({ kind: 'quota_low' } & QuotaLow)
  | { kind: NoticeKind }

/**
 * @param publicUrl `PUBLIC_URL`: links never come from a request
 */
export async function renderTemplate(
  template: Template,
  publicUrl: string,
): Promise<{ subject: string; text: string; html: string }> {
  const { subject, text, body } = write(template, publicUrl)
  return {
    subject,
    text: `${text}\nThis is about the account ${ACCOUNT_MARK}.\n`,
    html: await renderHtml(subject, body, publicUrl),
  }
}

function write(template: Template, publicUrl: string): Rendered {
  // After "#" a token reaches neither a server's log nor another site.
  const link = (page: string, token: string) => `${publicUrl}/${page}#token=${token}`
  switch (template.kind) {
    case 'reset_password':
      return resetPassword(link('reset-password', template.token), template.minutes)
    case 'verify_email':
      return verifyAddress(link('verify-email', template.token), template.hours)
    case 'change_email_old':
      return addressChangeOld(
        link('confirm-email', template.token),
        template.newEmail,
        template.hours,
      )
    case 'change_email_new':
      return addressChangeNew(link('confirm-email', template.token), template.hours)
    case 'address_taken':
      return addressTaken(`${publicUrl}/forgot-password`)
    case 'account_off':
      return accountOff(`${publicUrl}/console/accounts`)
    case 'quota_low':
      return quotaLow(template)
    default:
      return notice(template.kind, `${publicUrl}/forgot-password`)
  }
}
