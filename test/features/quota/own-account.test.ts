import { describe, expect, it } from 'vitest'
import { chat, MODEL } from '../../support/chat.ts'
import { checkBooks, grant, newLender, poolOf } from '../../support/quota.ts'
import { bringAccount, call, sql, standIn, type TestPerson, waitFor } from '../../support/stack.ts'

const OTHER = 'gemini-2.5-flash'

type Owner = TestPerson & { key: string; ownId: string }

/** Somebody whose pool holds nothing, who lends one account and keeps another for themselves. */
async function newOwner(): Promise<Owner> {
  const lender = await newLender()
  const ownId = await bringAccount(lender, 0)
  await grant(lender, 0)
  return { ...lender, ownId }
}

/** What is left of an account, at its vendor and as the AI service believes. */
const leave = (cookie_id: string, fraction: number) =>
  standIn('account', {
    cookie_id,
    live: { [MODEL]: fraction },
    stored: { [MODEL]: fraction },
  })

const ask = (owner: Owner, model = MODEL) => chat({ key: owner.key, extra: { model } })
const prefer = (owner: Owner, prefer_shared: 0 | 1) =>
  call('/api/plugin-api/preference', { method: 'PUT', token: owner.token, json: { prefer_shared } })

async function statuses(owner: Owner, calls: number): Promise<number[]> {
  const all: number[] = []
  for (let at = 0; at < calls; at += 1) all.push((await ask(owner)).status)
  return all
}

describe('an account of their own', () => {
  it('serves somebody whose pool is empty', async () => {
    const owner = await newOwner()
    expect(await statuses(owner, 3)).toEqual([200, 200, 200])
    expect((await poolOf(owner, '*')).balance).toBeLessThan(0.01)
    await checkBooks(owner)
  })

  it('that has nothing left of a model is no leave to draw from others beyond the pool', async () => {
    const owner = await newOwner()
    await leave(owner.ownId, 0)
    // As the ledger knows it from before.
    await sql`update quota_holders set own_spent = null where user_id = ${owner.id}`
    await grant(owner, 0)
    expect(await statuses(owner, 6)).toEqual([429, 429, 429, 429, 429, 429])
    // Of another model it has.
    expect((await ask(owner, OTHER)).status).toBe(200)
    await checkBooks(owner)
  })

  it('that came to its end unheard lets one call through, and no more', async () => {
    const owner = await newOwner()
    expect((await ask(owner)).status).toBe(200)
    await leave(owner.ownId, 0)
    await ask(owner)
    await waitFor(async () => {
      const [row] = await sql`select own_spent from quota_holders where user_id = ${owner.id}`
      return row?.own_spent === null
    })
    // For as long as an isolate takes an answer for true.
    await new Promise((resolve) => setTimeout(resolve, 5_500))
    expect(await statuses(owner, 4)).toEqual([429, 429, 429, 429])
  })

  it('that comes second lets nobody beyond the pool either', async () => {
    const owner = await newOwner()
    expect((await prefer(owner, 1)).status).toBe(200)
    expect((await ask(owner)).status).toBe(429)
    expect((await prefer(owner, 0)).status).toBe(200)
    await waitFor(async () => (await ask(owner)).status === 200, 15_000)
  })
})
