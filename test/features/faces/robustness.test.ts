import { beforeAll, describe, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { mutate, noise } from '../../support/mutations.ts'
import { newChatter, sql, standIn } from '../../support/stack.ts'
import { VALID_REQUESTS } from '../../support/valid-requests.ts'
import { deviationFromVendor } from '../../support/vendor-schemas.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const MUTATIONS = campaign('MUTATIONS', { share: 400, full: 2_000 })
const SEED = 20_261_127

let worker: OwnWorker
beforeAll(async () => {
  worker = await workerWith({ RATE_LIMIT: '1000000/1m' })
  // Thousands of requests must not use the account up, nor wait between words.
  await standIn('config', { consumption: 0, chat: { eventDelayMs: 0, finishDelayMs: 0 } })
  return async () => {
    await standIn('reset-config', {})
    await worker.close()
  }
})

describe.each(Object.entries(VALID_REQUESTS))(
  'requests of every make, %s',
  (_, { path, body: valid }) => {
    it('are answered where they are valid', async () => {
      const { key } = await newChatter()
      const response = await fetch(worker.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(valid),
      })
      expect(response.status, await response.text()).toBe(200)
    })

    it(`${MUTATIONS} damaged ones get no error of ours`, { timeout: 480_000 }, async () => {
      const busy = await newChatter()
      const random = noise(SEED)
      const bodies = Array.from({ length: MUTATIONS }, () => mutate(valid, random))
      const seen = new Map<number, number>()
      const failures: string[] = []
      const work = async () => {
        for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
          const response = await fetch(worker.url + path, {
            method: 'POST',
            headers: { authorization: `Bearer ${busy.key}`, 'content-type': 'application/json' },
            body,
          })
          const text = await response.text()
          seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
          const isJson = response.headers.get('content-type')?.startsWith('application/json')
          const deviation = isJson ? deviationFromVendor(path, response.status, text) : null
          if (response.status >= 500 || deviation) {
            failures.push(`${response.status} ${deviation} ${text} for ${body}`)
          }
        }
      }
      await Promise.all(Array.from({ length: 8 }, work))
      expect(failures.slice(0, 5)).toEqual([])
      expect(seen.get(200)).toBeGreaterThan(MUTATIONS / 20)
      expect(seen.get(400)).toBeGreaterThan(MUTATIONS / 20)
      const counted = async () => {
        const [row] =
          await sql`select count(*)::int as n from usage_logs where user_id = ${busy.id}`
        return Number(row?.n)
      }
      await expect.poll(counted, { timeout: 60_000 }).toBe(MUTATIONS)
    })
  },
)
