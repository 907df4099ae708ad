/** One mail, ready to be handed over. */
export interface Mail {
  /** The same at every attempt, so that a mail which goes out twice is recognised as one. */
  id: string
  to: string
  subject: string
  text: string
  html: string
}

/** Hands mails to somebody who delivers them. */
export interface Mailer {
  /** @throws {MailError} when it was not taken */
  send(mail: Mail): Promise<void>
}

/** A mail that was not taken. The message never holds an address or content. */
export class MailError extends Error {
  override readonly name = 'MailError'
  /** Whether another attempt would be refused again. */
  readonly isPermanent: boolean

  constructor(message: string, options: { isPermanent?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.isPermanent = options.isPermanent ?? false
  }
}
