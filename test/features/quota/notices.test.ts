import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, usageRows } from '../../support/chat.ts'
import { mailsTo, mailTo } from '../../support/mail.ts'
import { forgetPools, GROUP, grant, newLender } from '../../support/quota.ts'
import { makeDue } from '../../support/redis.ts'
import { call, fireCron, sql, stack, type TestPerson, waitFor } from '../../support/stack.ts'
import { startReceiver, type WebhookReceiver } from '../../support/webhook.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const OFTEN = '*/5 * * * *'
const LOW = /Little is left/

type Lender = TestPerson & { key: string }

/** Somebody with a confirmed address whose pool is a little above a tenth of its ceiling. */
async function almostLow(units = 0.206): Promise<Lender> {
  const person = await newLender()
  await sql`update users set email_verified_at = now() where id = ${person.id}`
  await grant(person, units)
  return person
}

const mailRows = (person: { id: number }) =>
  sql`select * from mail_outbox where user_id = ${person.id} and kind = 'quota_low'`
const hookRows = (person: { id: number }) =>
  sql`select * from webhook_outbox where user_id = ${person.id}`
const poolRow = async (person: { id: number }) =>
  (await sql`select * from quota_pools where user_id = ${person.id} and group_name = ${GROUP}`)[0]

/** One chat, and what it used in the books. */
async function chatSettled(person: Lender, baseUrl = stack.baseUrl): Promise<void> {
  const before = Number((await poolRow(person))?.version ?? 0)
  expect((await chat({ key: person.key, baseUrl })).status).toBe(200)
  await waitFor(async () => Number((await poolRow(person))?.version ?? 0) > before)
}

/** As if the pool had so much now, because time has passed or something was used elsewhere. */
async function setBalance(person: Lender, units: number): Promise<void> {
  await sql`update quota_pools set balance = ${Math.round(units * 10_000)}, version = version + 1,
    accrued_at = now() where user_id = ${person.id}`
  await forgetPools(person)
}

const hookWorker = (receiver: WebhookReceiver, more: Record<string, string> = {}) =>
  workerWith({ QUOTA_WEBHOOK_URL: receiver.url, QUOTA_WEBHOOK_SECRET: SECRET, ...more })

/** Lets the pause between attempts pass, and cron come. */
async function attempt(worker: OwnWorker, person: { id: number }): Promise<void> {
  await sql`update webhook_outbox set next_attempt_at = now() - interval '1 second'
    where user_id = ${person.id}`
  await makeDue('webhook')
  await fireCron(OFTEN, worker.url)
}

// What one test leaves the next one's receiver would get.
afterEach(async () => {
  await sql`delete from webhook_outbox`
})

describe('when little of a pool is left', () => {
  it('its owner gets one mail, and another one only after it has recovered', async () => {
    const person = await almostLow()
    await chatSettled(person)
    expect(await mailRows(person)).toMatchObject([
      { recipient: person.email, content_ciphertext: null, facts: { group: GROUP, ceiling: 2 } },
    ])
    await makeDue('mail')
    await fireCron(OFTEN)
    const mail = await mailTo(person.email, LOW)
    expect(mail.text).toMatch(/0\.19\d* of 2 units are left of your pool for gemini-3-pro\./)
    expect(mail.html).toContain('<strong>gemini-3-pro</strong>')
    await chatSettled(person)
    await setBalance(person, 0.25)
    await chatSettled(person)
    await setBalance(person, 0.206)
    await chatSettled(person)
    // It was never back at twice the threshold.
    expect(await mailRows(person)).toEqual([])
    expect(await poolRow(person)).toMatchObject({ is_low: true })

    await setBalance(person, 0.42)
    await chatSettled(person)
    expect(await poolRow(person)).toMatchObject({ is_low: false })
    await setBalance(person, 0.206)
    await chatSettled(person)
    expect(await mailRows(person)).toHaveLength(1)
    await makeDue('mail')
    await fireCron(OFTEN)
    await waitFor(async () => (await mailsTo(person.email)).filter(isLow).length === 2)
  })

  it('is told once, however many calls end at once, in however many isolates', async () => {
    await using receiver = await startReceiver(SECRET)
    await using one = await hookWorker(receiver)
    await using other = await hookWorker(receiver)
    const person = await almostLow(0.3)
    const calls = Array.from({ length: 20 }, (_, index) =>
      chat({ key: person.key, baseUrl: (index % 2 === 0 ? one : other).url }),
    )
    const answers = await Promise.all(calls)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20)
    await usageRows(person.id, 20)
    await waitFor(async () => (await poolRow(person))?.is_low === true)
    expect(await hookRows(person)).toHaveLength(1)
    expect(await mailRows(person)).toHaveLength(1)
  })

  it('nobody is told without a confirmed address, or who does not want it', async () => {
    const unconfirmed = await almostLow()
    await sql`update users set email_verified_at = null where id = ${unconfirmed.id}`
    const unwilling = await almostLow()
    const { token } = unwilling
    const profile = await call('/api/users/me', { token })
    expect(profile.body).toMatchObject({ quota_mails: true })
    const off = await call('/api/users/me', { method: 'PUT', token, json: { quota_mails: false } })
    expect(off).toMatchObject({ status: 200, body: { quota_mails: false } })
    for (const person of [unconfirmed, unwilling]) {
      await chatSettled(person)
      expect(await poolRow(person)).toMatchObject({ is_low: true })
      expect(await mailRows(person)).toEqual([])
      expect(await hookRows(person)).toEqual([])
    }
  })

  it('nobody is told of a pool that never had more, nor where it is switched off', async () => {
    const poor = await almostLow(0.05)
    await chatSettled(poor)
    expect(await poolRow(poor)).toMatchObject({ is_low: false })
    expect(await mailRows(poor)).toEqual([])
    await using silent = await workerWith({ LOW_BALANCE_PERCENT: '0' })
    const rich = await almostLow()
    await chatSettled(rich, silent.url)
    expect(await poolRow(rich)).toMatchObject({ is_low: false })
    expect(await mailRows(rich)).toEqual([])
  })
})

describe("the operator's webhook", () => {
  it('gets a signed message, again and again until it takes it', async () => {
    await using receiver = await startReceiver(SECRET)
    await using worker = await hookWorker(receiver, { LOW_BALANCE_PERCENT: '20' })
    const person = await almostLow(0.406)
    await chatSettled(person, worker.url)
    expect(await hookRows(person)).toMatchObject([{ type: 'quota.low', attempts: 0 }])
    expect(receiver.messages).toEqual([])

    const elsewhere = receiver.url.replace('/hook', '/elsewhere')
    receiver.answers.push({ status: 500 }, { status: 307, location: elsewhere })
    const pauses: number[] = []
    for (const tries of [1, 2]) {
      await waitFor(async () => {
        if (receiver.messages.length < tries) await attempt(worker, person)
        return receiver.messages.length === tries
      })
      await waitFor(async () => Number((await hookRows(person))[0]?.attempts) === tries)
      await expect.poll(async () => pauseOf(person)).toBeLessThan(tries * 30 + 1)
      pauses.push(await pauseOf(person))
    }
    expect(pauses[0]).toBeGreaterThan(20)
    expect(pauses[1]).toBeGreaterThan(50)
    await waitFor(async () => {
      await attempt(worker, person)
      return (await hookRows(person)).length === 0
    })

    expect(receiver.messages).toHaveLength(3)
    expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(1)
    for (const message of receiver.messages) {
      expect(message).toMatchObject({
        path: '/hook',
        isSigned: true,
        body: {
          type: 'quota.low',
          data: {
            user_id: person.id,
            username: person.username,
            group: GROUP,
            ceiling: 2,
            threshold_percent: 20,
          },
        },
      })
      expect(message.body.data.balance).toBeGreaterThan(0.39)
      expect(message.body.data.balance).toBeLessThan(0.4)
      expect(Date.parse(message.body.timestamp)).toBeGreaterThan(Date.now() - 60_000)
    }
    expect(worker.logs.join('\n')).toContain('webhook_failed')
  })

  it('is given up after three days', async () => {
    await using receiver = await startReceiver(SECRET)
    await using worker = await hookWorker(receiver)
    const person = await almostLow()
    await chatSettled(person, worker.url)
    await sql`update webhook_outbox set expires_at = now() - interval '1 second'
      where user_id = ${person.id}`
    await waitFor(async () => {
      await makeDue('webhook')
      await fireCron(OFTEN, worker.url)
      return (await hookRows(person)).length === 0
    })
    expect(receiver.messages).toEqual([])
  })
})

const isLow = ({ subject }: { subject: string }) => LOW.test(subject)

/** Seconds until the next attempt. */
async function pauseOf(person: { id: number }): Promise<number> {
  const [row] = await sql`select extract(epoch from next_attempt_at - now())::float8 as pause
    from webhook_outbox where user_id = ${person.id}`
  return Number(row?.pause)
}
