import { readLimited } from '../../../platform/http/read-limited.ts'
import { MailError, type Mailer } from '../../../ports/mailer.ts'

const CALL_TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1024

interface ApiSettings {
  url: string
  key: string | undefined
  from: string
}

/**
 * Mails over a JSON API of the form that Resend made common
 * (https://resend.com/docs/api-reference/emails/send-email).
 */
export function createApiMailer({ url, key, from }: ApiSettings): Mailer {
  return {
    async send({ id, to, subject, text, html }) {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': id,
          ...(key && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({ from, to: [to], subject, text, html }),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw new MailError('the mail API gave no answer', { cause })
      })
      await readLimited(response, MAX_ANSWER_BYTES).catch(() => undefined)
      if (response.ok) return
      // 401 and 403 are the operator's to mend; the mail itself may be fine.
      const isPermanent = response.status === 400 || response.status === 422
      throw new MailError(`the mail API answered ${response.status}`, { isPermanent })
    },
  }
}
