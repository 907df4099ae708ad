import { beforeAll, describe, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { chat } from '../../support/chat.ts'
import { mailsTo, mailTo } from '../../support/mail.ts'
import { grant } from '../../support/quota.ts'
import { redis } from '../../support/redis.ts'
import {
  fireCron,
  newKey,
  sql,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { API, as, type Lender, MODEL, newLender, type QuotaBody } from './support.ts'

let lender: Lender
beforeAll(async () => {
  // Their own, so that no account of somebody else's serves them.
  lender = await newLender(0)
})

const leave = (fraction: number) =>
  standIn('account', {
    cookie_id: lender.cookieId,
    live: { [MODEL]: fraction },
    stored: { [MODEL]: fraction },
  })
/** What the AI service itself has stored, without asking it to look. */
const stored = async () => {
  const { quotas } = await standIn<{ quotas: Record<string, { status: number }> }>('account', {
    cookie_id: lender.cookieId,
  })
  return quotas[MODEL]?.status
}
const path = () => `${API}/accounts/${lender.cookieId}/quotas`
async function seen(): Promise<QuotaBody | undefined> {
  const { body } = await as(lender)<QuotaBody[]>('GET', path())
  return body.data.find(({ model_name }) => model_name === MODEL)
}

describe('a model that the AI service switched off at its end', () => {
  it('is switched on again when its owner looks and it has quota', async () => {
    await leave(0)
    expect(await seen()).toMatchObject({ status: 0, health: { state: 'exhausted' } })
    await leave(0.75)
    expect(await stored()).toBe(0)
    expect(await seen()).toMatchObject({ status: 1, quota: 0.75, health: { state: 'ok' } })
    expect(await stored()).toBe(1)
  })

  it('is switched on again by itself', async () => {
    await grant(lender, 1)
    await leave(0.01)
    const key = await newKey(lender)
    expect((await chat({ key })).status).toBe(200)
    const noted = () =>
      sql`select 1 from model_switches where cookie_id = ${lender.cookieId} and switched_by = 'end'`
    await waitFor(async () => (await noted()).length === 1)
    expect(await stored()).toBe(0)
    await leave(1)
    await sql`update model_switches set look_at = now() - interval '1 second'
      where cookie_id = ${lender.cookieId}`
    await redis('SET', 'once:lender-reserve-due', '1')
    await fireCron('*/5 * * * *')
    await waitFor(async () => (await stored()) === 1)
    await waitFor(async () => (await noted()).length === 0)
  })
})

describe('a model that its owner switched off', () => {
  it('stays off, and that is said', async () => {
    await leave(0.5)
    const off = await as(lender)('PUT', `${path()}/${MODEL}/status`, { status: 0 })
    expect(off.status).toBe(200)
    const row = await seen()
    expect(row).toMatchObject({ status: 0, health: { state: 'disabled' } })
    expect(row?.health.reasons[0]?.message).toContain('You have switched')
    await as(lender)('PUT', `${path()}/${MODEL}/status`, { status: 1 })
    expect(await seen()).toMatchObject({ status: 1, health: { state: 'ok' } })
  })
})

describe('an account that is lent and off', () => {
  const OFF = /that you lend is off/
  let other: Lender
  let admin: TestPerson
  beforeAll(async () => {
    other = await newLender(1)
    await sql`update users set email_verified_at = now() where id = ${other.id}`
    admin = await newAdmin()
  })

  /** As at night, beginning with this lender. */
  async function night(): Promise<void> {
    await redis('SET', 'cursor:lenders-told', other.id - 1)
    const { body } = await asAdmin(admin)('POST', '/api/admin/jobs/accounts-off/run')
    expect(body).toMatchObject({ error: null })
  }
  const told = async () =>
    (await mailsTo(other.email)).filter(({ subject }) => OFF.test(subject)).length
  /** Past us, as the AI service does it by itself. */
  const set = async (status: 0 | 1) => {
    const url = `${stack.bindings.PLUGIN_API_BASE_URL}/api/accounts/${other.cookieId}/status`
    const done = await fetch(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${other.pluginKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ status }),
    })
    expect(done.status).toBe(200)
  }

  it('is told to its owner once, and anew after it was used again', async () => {
    await night()
    expect(await told()).toBe(0)
    await set(0)
    await night()
    expect((await mailTo(other.email, OFF)).text).toContain('/console/accounts')
    await night()
    expect(await told()).toBe(1)
    const { body } = await as(other)<unknown>('GET', '/api/auth/events')
    expect(JSON.stringify(body)).toContain('ai_account.off')

    await set(1)
    await night()
    await set(0)
    await night()
    await waitFor(async () => (await told()) === 2)
  })

  it('is not told where it is off by its owner’s hand', async () => {
    const change = (status: 0 | 1) =>
      as(other)('PUT', `${API}/accounts/${other.cookieId}/status`, { status })
    expect((await change(1)).status).toBe(200)
    await night()
    expect((await change(0)).status).toBe(200)
    await night()
    expect(await told()).toBe(2)
    const rows = await sql`select 1 from mail_outbox
      where user_id = ${other.id} and kind = 'account_off'`
    expect(rows).toEqual([])
  })
})
