import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail as an SMTP server received it. */
export interface SmtpMail {
  from: string
  to: string[]
  message: Email
}

/** A real SMTP server of a test's own. */
export interface SmtpSink extends AsyncDisposable {
  port: number
  mails: SmtpMail[]
  /** How often somebody has connected. */
  connections(): number
}

/** @param options what the server is to do differently; it takes everything without a login otherwise */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<SmtpSink> {
  const mails: SmtpMail[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onConnect(_, done) {
      connections++
      done()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map((recipient) => recipient.address),
          message: await PostalMime.parse(Buffer.concat(chunks)),
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
