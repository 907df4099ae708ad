import { MailError } from '../../../ports/mailer.ts'
import type { SmtpConnection, SmtpReply } from './smtp-connection.ts'

export interface SmtpLogin {
  username: string
  password: string
}

/** How we introduce ourselves; a Worker has no name or address of its own. */
const CLIENT_NAME = 'localhost'

/** Reads the greeting. */
export async function greet(connection: SmtpConnection): Promise<void> {
  expect(await connection.read(), 220, 'greeting')
}

/** @returns what the server can do, in capitals */
export async function hello(connection: SmtpConnection): Promise<string[]> {
  const reply = await command(connection, `EHLO ${CLIENT_NAME}`, 250, 'EHLO')
  return reply.lines.slice(1).map((line) => line.toUpperCase())
}

/**
 * Asks for TLS. A server that does not offer it is refused: somebody in between may have cut the
 * offer out (RFC 3207 §6).
 */
export async function askForTls(connection: SmtpConnection, capabilities: string[]): Promise<void> {
  if (!capabilities.includes('STARTTLS')) throw new MailError('the SMTP server offers no STARTTLS')
  await command(connection, 'STARTTLS', 220, 'STARTTLS')
}

/** RFC 4954, by PLAIN or LOGIN. */
export async function logIn(
  connection: SmtpConnection,
  capabilities: string[],
  { username, password }: SmtpLogin,
): Promise<void> {
  const offer = capabilities.find((line) => /^AUTH[ =]/.test(line)) ?? ''
  if (/\bPLAIN\b/.test(offer)) {
    await command(connection, `AUTH PLAIN ${base64(`\0${username}\0${password}`)}`, 235, 'AUTH')
  } else if (/\bLOGIN\b/.test(offer)) {
    await command(connection, 'AUTH LOGIN', 334, 'AUTH')
    await command(connection, base64(username), 334, 'AUTH')
    await command(connection, base64(password), 235, 'AUTH')
  } else throw new MailError('the SMTP server offers neither AUTH PLAIN nor AUTH LOGIN')
}

/** @param data headers and body with dots stuffed, and the final line of one dot */
export async function transfer(
  connection: SmtpConnection,
  { from, to, data }: { from: string; to: string; data: string },
): Promise<void> {
  await command(connection, `MAIL FROM:<${from}>`, 250, 'MAIL')
  await command(connection, `RCPT TO:<${to}>`, [250, 251], 'RCPT')
  await command(connection, 'DATA', 354, 'DATA')
  await connection.write(data)
  expect(await connection.read(), 250, 'the message')
  // It is delivered now; a server that fails at saying goodbye changes nothing.
  await command(connection, 'QUIT', 221, 'QUIT').catch(() => undefined)
}

async function command(
  connection: SmtpConnection,
  line: string,
  wanted: number | number[],
  name: string,
): Promise<SmtpReply> {
  // A line end in an address would smuggle in a command of its own.
  if (/[\r\n\0]/.test(line)) throw new MailError(`${name}: not one line`, { isPermanent: true })
  await connection.write(`${line}\r\n`)
  const reply = await connection.read()
  expect(reply, wanted, name)
  return reply
}

function expect(reply: SmtpReply, wanted: number | number[], name: string): void {
  if ([wanted].flat().includes(reply.code)) return
  // The server's words can repeat the address; its number is enough.
  const isPermanent = reply.code >= 500 && (name === 'RCPT' || name === 'the message')
  throw new MailError(`the SMTP server answered ${reply.code} to ${name}`, { isPermanent })
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
