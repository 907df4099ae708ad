import { beforeAll, describe, expect, it } from 'vitest'
import { CHAT, MODEL } from '../../support/chat.ts'
import { redis } from '../../support/redis.ts'
import { call, newKey } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import { API, as, askedBy, type Lender, latestRequest, newLender } from './support.ts'
import { tamperingPlugin } from './tampering.ts'

interface Pool {
  fetched_at: string
  quotas: {
    model_name: string
    total_quota: number
    available_cookies: number
    earliest_reset_time: string
  }[]
  user_consumption: Record<string, number>
}

const forget = () => redis('DEL', 'cache:shared-pool')
const poolOf = (lender: Lender, baseUrl?: string) =>
  as(lender, baseUrl)<Pool>('GET', `${API}/quotas/shared-pool`)

let people: Lender[]
beforeAll(async () => {
  people = await Promise.all([newLender(1), newLender(), newLender(), newLender()])
})

describe('the shared pool', () => {
  it('is read once for everybody who asks at the same time', async () => {
    await forget()
    const seq = await latestRequest()
    const answers = await Promise.all([...people, ...people, ...people].map((each) => poolOf(each)))
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(body.data.fetched_at).toBe(answers[0]?.body.data.fetched_at)
    }
    const asked = (await Promise.all(people.map((each) => askedBy(each, seq)))).flat()
    const heavy = asked.filter(({ path }) => path === '/api/quotas/shared-pool')
    expect(heavy.length).toBeLessThanOrEqual(1)
  })

  it('has numbers and times in UTC', async () => {
    const { body } = await poolOf(people[0] as Lender)
    const row = body.data.quotas.find(({ model_name }) => model_name === MODEL)
    expect(row).toMatchObject({
      total_quota: expect.any(Number),
      available_cookies: expect.any(Number),
      earliest_reset_time: expect.stringMatching(/Z$/),
    })
  })

  it('shows everybody what they alone have used', async () => {
    const [other, lender] = people as [Lender, Lender]
    const key = await newKey(lender)
    const json = { model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }
    for (let index = 0; index < 2; index++)
      expect((await call(CHAT, { token: key, json })).status).toBe(200)
    const mine = await poolOf(lender)
    expect(mine.body.data.user_consumption).toEqual({
      total_requests: 2,
      total_quota_consumed: 0.02,
      shared_quota_consumed: 0,
      private_quota_consumed: 0.02,
    })
    const theirs = await poolOf(other)
    expect(theirs.body.data.user_consumption.total_requests).toBe(0)
    expect(theirs.body.data.fetched_at).toBe(mine.body.data.fetched_at)
  })

  it('tells what was drawn from shared accounts from what was not, to the last decimal', async () => {
    const row = { log_id: 'x', model_name: MODEL, quota_consumed: '0.1000', is_shared: 1 }
    await using plugin = await tamperingPlugin({
      'GET /api/quotas/consumption': () => [
        row,
        row,
        row,
        { ...row, is_shared: 0, quota_consumed: '0.0001' },
        { ...row, quota_consumed: null },
      ],
    })
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    const { body } = await poolOf(people[1] as Lender, worker.url)
    expect(body.data.user_consumption).toEqual({
      total_requests: 5,
      total_quota_consumed: 0.3001,
      shared_quota_consumed: 0.3,
      private_quota_consumed: 0.0001,
    })
  })

  it('is read anew when the copy is old, and the old one is shown meanwhile', async () => {
    const at = (ageMs: number) => new Date(Date.now() - ageMs).toISOString()
    const [lender, other] = people as [Lender, Lender]
    await using plugin = await tamperingPlugin({})
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    const old = JSON.stringify({ fetched_at: at(61_000), quotas: [] })
    const heavy = () => plugin.asked.filter((name) => name === 'GET /api/quotas/shared-pool').length

    // Somebody else is at it.
    await redis('SET', 'lock:shared-pool', 'somebody', 'PX', 30_000)
    await redis('SET', 'cache:shared-pool', old)
    expect((await poolOf(lender, worker.url)).body.data.quotas).toEqual([])
    expect(heavy()).toBe(0)

    await redis('DEL', 'lock:shared-pool')
    const fresh = await poolOf(other, worker.url)
    expect(fresh.body.data.quotas.length).toBeGreaterThan(0)
    expect(Date.parse(fresh.body.data.fetched_at)).toBeGreaterThan(Date.now() - 10_000)
  })

  it('leaves the sum of very many requests to the plug-in, once a minute', async () => {
    const lender = people[2] as Lender
    const row = { log_id: 'x', model_name: MODEL, quota_consumed: '0.0100', is_shared: 1 }
    await using plugin = await tamperingPlugin({
      'GET /api/quotas/consumption': (_, query) =>
        Array.from({ length: Number(query.get('limit')) }, () => row),
      'GET /api/quotas/shared-pool': (data: Pool) => ({
        ...data,
        user_consumption: { total_requests: 9_000, total_quota_consumed: '90.0000' },
      }),
    })
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    await poolOf(lender)
    await redis('DEL', `cache:shared-pool:${lender.id}`)
    for (let index = 0; index < 2; index++) {
      const { body } = await poolOf(lender, worker.url)
      expect(body.data.user_consumption).toMatchObject({
        total_requests: 9_000,
        total_quota_consumed: 90,
        private_quota_consumed: null,
      })
    }
    expect(plugin.asked.filter((name) => name === 'GET /api/quotas/shared-pool')).toHaveLength(1)
  })

  it('that cannot be read is a failure of the AI service, and the next one tries again', async () => {
    const lender = people[3] as Lender
    await using plugin = await tamperingPlugin({ 'GET /api/quotas/shared-pool': () => 'nothing' })
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    for (let index = 0; index < 2; index++) {
      await forget()
      expect(await poolOf(lender, worker.url)).toMatchObject({
        status: 502,
        body: { code: 'upstream_error' },
      })
    }
    expect((await poolOf(lender)).status).toBe(200)
  })
})
