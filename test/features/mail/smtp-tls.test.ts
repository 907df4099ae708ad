import { randomUUID } from 'node:crypto'
import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, newAuthority } from '../../support/certificate.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { type SmtpSink, startSmtp } from '../../support/smtp.ts'
import { newPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

let own: OwnStack
let authority: Authority

beforeAll(async () => {
  authority = await newAuthority()
  own = await ownStack({ LOG_LEVEL: 'info' })
})

afterAll(async () => {
  await own?.[Symbol.asyncDispose]()
})

const PASSWORD = `smtp-${randomUUID()}`

/** What a client did: how many sessions were secured, and who logged in over one that was. */
interface Seen {
  logins: { user: string | undefined; isSecure: boolean }[]
}

const server = async (
  seen: Seen,
  { names = ['localhost'], ...options }: SMTPServerOptions & { names?: string[] },
) =>
  startSmtp({
    ...(await authority.issue(...names)),
    disabledCommands: [],
    authOptional: false,
    allowInsecureAuth: false,
    onAuth(auth, session, done) {
      seen.logins.push({ user: auth.username, isSecure: session.secure })
      if (auth.password === PASSWORD) done(null, { user: auth.username })
      else done(new Error('no'))
    },
    ...options,
  })

const workerFor = (smtp: SmtpSink, security: 'tls' | 'starttls', trusts = [authority.cert]) =>
  workerWith(
    {
      MAIL_API_URL: '',
      SMTP_HOST: 'localhost',
      SMTP_PORT: String(smtp.port),
      SMTP_SECURITY: security,
      SMTP_USERNAME: 'mailer',
      SMTP_PASSWORD: PASSWORD,
      LOG_LEVEL: 'info',
      MAIL_FROM: 'no-reply@shared.example',
    },
    own.stack.bindings,
    { trustedCertificates: trusts },
  )

describe.each([
  { security: 'tls', options: { secure: true } },
  { security: 'starttls', options: { secure: false } },
] as const)('SMTP with SMTP_SECURITY=$security', ({ security, options }) => {
  it('delivers, and logs in only under TLS', async () => {
    const seen: Seen = { logins: [] }
    await using smtp = await server(seen, options)
    await using worker = await workerFor(smtp, security)
    const person = await newPerson(worker.url)
    await waitFor(async () => smtp.mails.length > 0)
    expect(smtp.mails[0]).toMatchObject({ from: 'no-reply@shared.example', to: [person.email] })
    expect(smtp.mails[0]?.message.text).toContain('#token=')
    expect(seen.logins).toEqual([{ user: 'mailer', isSecure: true }])
  })

  it.each([
    ['nobody vouches', { trusts: [] }],
    ['is for another name', { names: ['mail.elsewhere.example'] }],
  ])('says nothing to a server whose certificate %s', async (_, difference) => {
    const seen: Seen = { logins: [] }
    const { names = ['localhost'], trusts } = difference as { names?: string[]; trusts?: string[] }
    await using smtp = await server(seen, { ...options, names })
    await using worker = await workerFor(smtp, security, trusts)
    await newPerson(worker.url)
    await waitFor(async () => worker.logs.some((line) => line.includes('mail_failed')))
    expect(seen.logins).toEqual([])
    expect(smtp.mails).toEqual([])
  })
})
