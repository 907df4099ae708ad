import { type Mail, MailError, type Mailer } from '../../../ports/mailer.ts'
import { parseAddress } from './address.ts'
import { openConnection } from './smtp-connection.ts'
import { askForTls, greet, hello, logIn, type SmtpLogin, transfer } from './smtp-dialogue.ts'

/** The whole dialogue, from connecting to the server's receipt. */
const DIALOGUE_TIMEOUT_MS = 20_000

interface SmtpSettings {
  host: string
  port: number
  security: 'starttls' | 'tls' | 'none'
  login: SmtpLogin | undefined
  from: string
}

/**
 * Mails over SMTP (RFC 5321) from within a Worker. The message is composed by `worker-mailer`; the
 * dialogue is our own, because that library goes on in clear text when a server does not offer
 * STARTTLS, and never returns when a server hangs up.
 */
export function createSmtpMailer(settings: SmtpSettings): Mailer {
  return {
    async send(mail) {
      const { connect } = await import('cloudflare:sockets')
      let socket = connect(
        { hostname: settings.host, port: settings.port },
        { secureTransport: secureTransport(settings.security), allowHalfOpen: false },
      )
      const timeout = Promise.withResolvers<never>()
      const timer = setTimeout(
        () => timeout.reject(new MailError('the SMTP server took too long')),
        DIALOGUE_TIMEOUT_MS,
      )
      try {
        await Promise.race([
          timeout.promise,
          converse(socket, settings, mail, (secured) => {
            socket = secured
          }),
        ])
      } catch (cause) {
        throw cause instanceof MailError
          ? cause
          : new MailError('the SMTP server cannot be reached', { cause })
      } finally {
        clearTimeout(timer)
        // Whatever state it is in: nothing of it may outlive the attempt.
        await socket.close().catch(() => undefined)
      }
    },
  }
}

async function converse(
  socket: Socket,
  { security, login, from }: SmtpSettings,
  mail: Mail,
  onSecured: (socket: Socket) => void,
): Promise<void> {
  await socket.opened
  let connection = openConnection(socket)
  await greet(connection)
  let capabilities = await hello(connection)
  if (security === 'starttls') {
    await askForTls(connection, capabilities)
    connection.release()
    const secured = socket.startTls()
    onSecured(secured)
    connection = openConnection(secured)
    capabilities = await hello(connection)
  }
  if (login) await logIn(connection, capabilities, login)
  const { composeMessage } = await import('./compose-message.ts')
  const data = composeMessage(mail, from)
  await transfer(connection, { from: parseAddress(from).email, to: mail.to, data })
}

function secureTransport(security: SmtpSettings['security']): 'on' | 'starttls' | 'off' {
  return security === 'tls' ? 'on' : security === 'starttls' ? 'starttls' : 'off'
}
