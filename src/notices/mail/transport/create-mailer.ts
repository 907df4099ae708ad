import type { Config } from '../../../config.ts'
import type { Mailer } from '../../../ports/mailer.ts'
import { createApiMailer } from './api-mailer.ts'
import { createSmtpMailer } from './smtp-mailer.ts'

/** Null while neither `SMTP_HOST` nor `MAIL_API_URL` is set. */
export function createMailer(config: Config): Mailer | null {
  const from = config.MAIL_FROM
  if (!from) return null
  if (config.SMTP_HOST) {
    const { SMTP_USERNAME: username, SMTP_PASSWORD: password } = config
    return createSmtpMailer({
      host: config.SMTP_HOST,
      port: config.SMTP_PORT,
      security: config.SMTP_SECURITY,
      login: username && password ? { username, password } : undefined,
      from,
    })
  }
  if (config.MAIL_API_URL)
    return createApiMailer({ url: config.MAIL_API_URL, key: config.MAIL_API_KEY, from })
  return null
}
