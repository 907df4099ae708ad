import { describe, expect, it } from 'vitest'
import { chat } from '../../support/chat.ts'
import { grant, newLender, quotasOf } from '../../support/quota.ts'
import { call, sql, standIn } from '../../support/stack.ts'

/** The AI service's own pool of somebody, as it tells it. */
async function poolThere(person: { token: string }): Promise<number[]> {
  const { body } = await call<{ data: { quota: number }[] }>('/api/plugin-api/quotas/user', {
    token: person.token,
  })
  return body.data.map(({ quota }) => quota)
}

async function setPoolThere(person: { id: number }, quota: number): Promise<void> {
  const [row] = await sql`select plugin_user_id from plugin_accounts where user_id = ${person.id}`
  await standIn('pool', { user_id: row?.plugin_user_id, quota })
}

describe("the AI service's own pool", () => {
  it('is raised when it locks somebody out whom the ledger lets through', async () => {
    const lender = await newLender()
    await grant(lender, 1)
    await setPoolThere(lender, -0.27)
    const first = await chat({ key: lender.key })
    expect([first.status, first.error?.code]).toEqual([503, 'service_unavailable'])
    expect(first.headers.get('retry-after')).toBe('1')
    expect(first.error?.message).not.toContain('exhausted')
    expect(Math.min(...(await poolThere(lender)))).toBeGreaterThan(1)
    expect((await chat({ key: lender.key })).status).toBe(200)
    const { ceiling, accounts } = await quotasOf(lender)
    expect({ ceiling, shared: accounts.shared }).toEqual({ ceiling: 2, shared: 1 })
  })

  it('is left on for its owner whose account is switched off and on', async () => {
    const lender = await newLender()
    await grant(lender, 1)
    await setPoolThere(lender, 0)
    await chat({ key: lender.key })
    const { body } = await call<{ data: { status: number }[] }>('/api/plugin-api/accounts', {
      token: lender.token,
    })
    expect(body.data.map(({ status }) => status)).toEqual([1])
  })
})
