import { MailError } from '../../../ports/mailer.ts'

const MAX_REPLY_BYTES = 64 * 1024

/** What a server says to one command (RFC 5321 §4.2). */
export interface SmtpReply {
  code: number
  lines: string[]
}

/** The part of a Workers socket that the dialogue needs. */
export interface SmtpSocket {
  readable: ReadableStream<Uint8Array>
  writable: WritableStream<Uint8Array>
}

/** Commands and replies over one socket. */
export interface SmtpConnection {
  /** @throws {MailError} when the server is gone or talks nonsense */
  read(): Promise<SmtpReply>
  write(text: string): Promise<void>
  /** Lets go of the streams, so that the socket can be put under TLS. */
  release(): void
}

export function openConnection(socket: SmtpSocket): SmtpConnection {
  const reader = socket.readable.getReader()
  const writer = socket.writable.getWriter()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let buffer = ''

  const nextLine = async (): Promise<string> => {
    for (;;) {
      const end = buffer.indexOf('\n')
      if (end >= 0) {
        const line = buffer.slice(0, end).replace(/\r$/, '')
        buffer = buffer.slice(end + 1)
        return line
      }
      if (buffer.length > MAX_REPLY_BYTES) throw new MailError('the SMTP server talks nonsense')
      const { done, value } = await reader.read()
      if (done) throw new MailError('the SMTP server hung up')
      buffer += decoder.decode(value, { stream: true })
    }
  }

  return {
    async read() {
      const lines: string[] = []
      for (;;) {
        const line = await nextLine()
        const [, code, separator, text = ''] = /^(\d{3})([ -]?)(.*)$/.exec(line) ?? []
        if (!code || lines.length > 100) throw new MailError('the SMTP server talks nonsense')
        lines.push(text)
        if (separator !== '-') return { code: Number(code), lines }
      }
    },
    write: (text) => writer.write(encoder.encode(text)),
    release() {
      // Whatever came in clear before TLS must not count after it (CVE-2011-0411).
      buffer = ''
      reader.releaseLock()
      writer.releaseLock()
    },
  }
}
