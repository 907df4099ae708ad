import { Email } from 'worker-mailer'
import type { Mail } from '../../../ports/mailer.ts'
import { parseAddress } from './address.ts'

/** Loaded on demand: `worker-mailer` needs `cloudflare:sockets`, which there is in a Worker only. */

/** The mail as RFC 5322 text with MIME parts, dots stuffed, and the final line of one dot. */
export function composeMessage(mail: Mail, from: string): string {
  const sender = parseAddress(from)
  return new Email({
    from: sender,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: {
      'Message-ID': `<${mail.id}@${sender.email.split('@').pop()}>`,
      'Auto-Submitted': 'auto-generated',
    },
  }).getEmailData()
}
