import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { chat } from '../../support/chat.ts'
import { bringAccount, call, newKey, newPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import {
  Browser,
  type Idp,
  namedProviders,
  workerWith as ssoWorker,
  startIdp,
} from '../sso/support.ts'

const POOL_BASE_BY_TRUST_LEVEL = '0,0.5,1,3'

let idp: Idp
let worker: OwnWorker

beforeAll(async () => {
  idp = await startIdp()
  worker = await workerWith({ POOL_BASE_BY_TRUST_LEVEL })
})
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  await idp?.stop()
})

interface Quotas {
  ceiling: number
  pools: { group: string; balance: number; ceiling: number }[]
}
const quotasOf = async (token: string, baseUrl = worker.url) =>
  (await call<Quotas>('/api/quotas', { token, baseUrl })).body

describe('a trust level', () => {
  it('moves the ceiling at once when an administrator changes it, and never what was earned', async () => {
    const [admin, person] = [await newAdmin(), await newPerson()]
    const setLevel = (trust_level: number) =>
      call(`/api/admin/users/${person.id}`, {
        method: 'PUT',
        token: admin.token,
        json: { trust_level },
        baseUrl: worker.url,
      })
    expect((await quotasOf(person.token)).ceiling).toBe(0)
    expect((await setLevel(2)).status).toBe(200)
    expect(await quotasOf(person.token)).toMatchObject({ ceiling: 1, pools: [{ balance: 1 }] })
    await bringAccount(person, 1)
    await setLevel(4)
    const raised = await quotasOf(person.token)
    expect(raised).toMatchObject({ ceiling: 5, pools: [{ ceiling: 5 }] })
    expect(raised.pools[0]?.balance).toBeLessThan(1.1)
    await setLevel(0)
    expect((await quotasOf(person.token)).ceiling).toBe(2)
  })

  it('lets somebody chat at once whom the gate has refused before', async () => {
    const [admin, person, lender] = [await newAdmin(), await newPerson(), await newPerson()]
    await bringAccount(lender, 1)
    const key = await newKey(person)
    expect((await chat({ key, baseUrl: worker.url })).status).toBe(403)
    await call(`/api/admin/users/${person.id}`, {
      method: 'PUT',
      token: admin.token,
      json: { trust_level: 1 },
      baseUrl: worker.url,
    })
    expect((await chat({ key, baseUrl: worker.url })).error?.code).not.toBe('no_account')
  })

  it('moves the ceiling when an identity provider says another one', async () => {
    const sso = await ssoWorker({ ...namedProviders(idp), POOL_BASE_BY_TRUST_LEVEL })
    const baseUrl = sso.url
    const user = { id: randomInt(2 ** 40), username: `t${randomInt(2 ** 40)}`, active: true }
    const login = async (trust_level: number) => {
      idp.next({ userInfo: { ...user, trust_level } })
      const { body } = await new Browser(baseUrl).login('linuxdo', '', 'application/json')
      return (body as { access_token: string }).access_token
    }
    const token = await login(1)
    expect((await quotasOf(token, baseUrl)).ceiling).toBe(0.5)
    await login(3)
    expect((await quotasOf(token, baseUrl)).ceiling).toBe(3)

    const { body } = await call<{ identities: { id: number }[] }>('/api/auth/identities', {
      token,
      baseUrl,
    })
    idp.next({ userInfo: { ...user, trust_level: 2 } })
    const synced = await call(`/api/auth/identities/${body.identities[0]?.id}/sync`, {
      method: 'POST',
      token,
      baseUrl,
    })
    expect(synced.status).toBe(200)
    expect((await quotasOf(token, baseUrl)).ceiling).toBe(1)
    await sso.close()
  })
})
