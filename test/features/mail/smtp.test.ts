import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { makeDue, redisOf } from '../../support/redis.ts'
import { type SmtpSink, startSmtp } from '../../support/smtp.ts'
import { call, newPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

/** Apart from the shared database: there any Worker's cron trigger sends any mail that is due. */
let own: OwnStack

beforeAll(async () => {
  own = await ownStack({ LOG_LEVEL: 'info' })
})

afterAll(async () => {
  await own?.[Symbol.asyncDispose]()
})

const mailWorker = (settings: Record<string, string>) => workerWith(settings, own.stack.bindings)

const smtpWorker = (smtp: SmtpSink, settings: Record<string, string> = {}): Promise<OwnWorker> =>
  mailWorker({
    MAIL_API_URL: '',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(smtp.port),
    SMTP_SECURITY: 'none',
    LOG_LEVEL: 'info',
    MAIL_FROM: 'Grüße <no-reply@shared.example>',
    ...settings,
  })

const outboxOf = (userId: number) =>
  own.sql`select id, attempts, next_attempt_at > now() as is_postponed, content_ciphertext
    from mail_outbox where user_id = ${userId}`

/** Lets the time of back-off pass and the cron trigger fire. */
async function retry(worker: OwnWorker, userId: number): Promise<void> {
  await own.sql`update mail_outbox set next_attempt_at = now() - interval '1 second'
    where user_id = ${userId}`
  await makeDue('mail', redisOf(own.stack.bindings))
  await fetch(`${worker.url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('*/5 * * * *')}`)
}

describe('mail over SMTP', () => {
  it('arrives with text and HTML, from whom the operator says', async () => {
    await using smtp = await startSmtp()
    await using worker = await smtpWorker(smtp)
    const person = await newPerson(worker.url)
    await waitFor(async () => smtp.mails.length > 0)
    const [mail] = smtp.mails
    expect(mail).toMatchObject({ from: 'no-reply@shared.example', to: [person.email] })
    expect(mail?.message.subject).toBe('Confirm your e-mail address')
    expect(mail?.message.from?.name).toContain('Grüße')
    expect(mail?.message.text).toContain('#token=')
    expect(mail?.message.html).toContain('#token=')
    expect(mail?.message.messageId).toMatch(/@shared\.example>$/)
    await waitFor(async () => (await outboxOf(person.id)).length === 0)
  })

  it('logs in where the server asks for it', async () => {
    const seen: string[] = []
    await using smtp = await startSmtp({
      authOptional: false,
      onAuth(auth, _, done) {
        seen.push(`${auth.username}:${auth.password}`)
        done(null, { user: auth.username })
      },
    })
    const password = `smtp-${randomUUID()}`
    await using worker = await smtpWorker(smtp, {
      SMTP_USERNAME: 'mailer',
      SMTP_PASSWORD: password,
    })
    await newPerson(worker.url)
    await waitFor(async () => smtp.mails.length > 0)
    expect(seen).toEqual([`mailer:${password}`])
    expect(worker.logs.join('\n')).not.toContain(password)
  })

  it('is not sent in clear text when TLS was cut out', async () => {
    await using smtp = await startSmtp()
    await using worker = await smtpWorker(smtp, { SMTP_SECURITY: 'starttls' })
    const person = await newPerson(worker.url)
    await waitFor(async () => (await outboxOf(person.id))[0]?.is_postponed === true)
    await waitFor(async () => worker.logs.some((line) => line.includes('offers no STARTTLS')))
    expect(smtp.mails).toEqual([])
  })

  it('is tried again when the server refuses for now, sealed until then', async () => {
    let isBusy = true
    await using smtp = await startSmtp({
      onMailFrom(_, __, done) {
        done(isBusy ? Object.assign(new Error('busy'), { responseCode: 451 }) : null)
      },
    })
    await using worker = await smtpWorker(smtp)
    const person = await newPerson(worker.url)
    await waitFor(async () => worker.logs.some((line) => line.includes('answered 451')))
    const [row] = await outboxOf(person.id)
    expect(row).toMatchObject({ attempts: 1, is_postponed: true })
    expect(row?.content_ciphertext).toMatch(/^v1\./)
    expect(String(row?.content_ciphertext)).not.toContain('token')
    isBusy = false
    await retry(worker, person.id)
    await waitFor(async () => smtp.mails.length === 1)
    await waitFor(async () => (await outboxOf(person.id)).length === 0)
    expect(worker.logs.join('\n')).not.toContain(person.email)
  })

  it('is given up when the recipient is refused for good', async () => {
    await using smtp = await startSmtp({
      onRcptTo(_, __, done) {
        done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
      },
    })
    await using worker = await smtpWorker(smtp)
    const person = await newPerson(worker.url)
    await waitFor(async () => worker.logs.some((line) => line.includes('answered 550')))
    await waitFor(async () => (await outboxOf(person.id)).length === 0)
  })

  it.each(['hangs up', 'is not there', 'says nothing'])(
    'keeps nobody waiting when the server %s',
    async (what) => {
      await using smtp = await startSmtp({
        onConnect(_, done) {
          if (what === 'hangs up') done(Object.assign(new Error('go away'), { responseCode: 421 }))
          else if (what === 'is not there') done()
        },
      })
      await using worker = await smtpWorker(smtp, what === 'is not there' ? { SMTP_PORT: '9' } : {})
      const startedAt = performance.now()
      const person = await newPerson(worker.url)
      expect(performance.now() - startedAt).toBeLessThan(8_000)
      if (what !== 'says nothing')
        await waitFor(async () => worker.logs.some((line) => line.includes('mail_failed')))
      expect((await outboxOf(person.id))[0]).toMatchObject({ attempts: 1, is_postponed: true })
      // The isolate is as alive as before.
      expect((await call('/api/health', { baseUrl: worker.url })).status).toBe(200)
    },
  )
})

describe('mail over an HTTP API', () => {
  it('is tried again with the same key, so that it is delivered once', async () => {
    const { createServer } = await import('node:http')
    const keys: string[] = []
    let isDown = true
    const server = createServer((request, response) => {
      keys.push(`${request.headers['idempotency-key']} ${request.headers.authorization}`)
      request.resume().on('end', () => response.writeHead(isDown ? 503 : 200).end('{}'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await using worker = await mailWorker({
      MAIL_API_URL: `http://127.0.0.1:${port}/emails`,
      MAIL_API_KEY: 'key-of-the-operator',
      LOG_LEVEL: 'info',
    })
    const person = await newPerson(worker.url)
    await waitFor(async () => worker.logs.some((line) => line.includes('answered 503')))
    isDown = false
    await retry(worker, person.id)
    await waitFor(async () => (await outboxOf(person.id)).length === 0)
    expect(keys.filter((key) => key === keys[0]).length).toBeGreaterThanOrEqual(2)
    expect(keys[0]).toMatch(/^[\w-]{36} Bearer key-of-the-operator$/)
    expect(worker.logs.join('\n')).not.toContain('key-of-the-operator')
    server.close()
  })

  it('is not missed by anybody where none is configured', async () => {
    await using worker = await mailWorker({ MAIL_API_URL: '', MAIL_FROM: '', LOG_LEVEL: 'info' })
    const person = await newPerson(worker.url)
    const { status } = await call('/api/auth/forgot-password', {
      json: { email: person.email },
      baseUrl: worker.url,
    })
    expect(status).toBe(202)
    expect(await outboxOf(person.id)).toEqual([])
    expect(worker.logs.some((line) => line.includes('mail_not_configured'))).toBe(true)
  })
})
