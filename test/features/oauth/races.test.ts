import { beforeAll, describe, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { redis } from '../../support/redis.ts'
import { call, newPerson, type TestPerson } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import { newClient, newCode, newTokens, post, type TestClient } from './support.ts'

const PARALLEL = 50
const ROUNDS = campaign('RACE_ROUNDS', { share: 3, full: 20 })

let person: TestPerson
let app: TestClient
beforeAll(async () => {
  person = await newPerson()
  app = await newClient({ auth_method: 'none' })
})

const parallel = <Answer>(ask: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: PARALLEL }, (_, index) => ask(index)))

const statuses = (answers: { status: number }[]) =>
  answers.map(({ status }) => status).sort((a, b) => a - b)

/** Whether a token is still taken. */
const holds = async (token: string) => (await call('/api/users/me', { token })).status !== 401

describe('of many requests at once', () => {
  it('one exchanges a code, and what it got ends with the others', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const form = await newCode(person, app, { scope: 'read:models' })
      const answers = await parallel(() => post('/oauth/token', form))
      expect(statuses(answers)).toEqual([200, ...Array(PARALLEL - 1).fill(400)])
      const won = answers.find(({ status }) => status === 200)
      expect(await holds(won?.body.access_token ?? '')).toBe(false)
    }
  })

  it('all get the same successor of a refresh token within the leeway', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { refresh_token } = await newTokens(person, app, { scope: 'read:models' })
      const form = { grant_type: 'refresh_token', client_id: app.client_id }
      const answers = await parallel(() => post('/oauth/token', { ...form, refresh_token }))
      expect(new Set(statuses(answers))).toEqual(new Set([200]))
      const successors = new Set(answers.map(({ body }) => body.refresh_token))
      expect(successors.size).toBe(1)
      const [next = ''] = successors
      expect((await post('/oauth/token', { ...form, refresh_token: next })).status).toBe(200)
    }
  })

  it('one uses a refresh token where there is no leeway, and the others end everything', async () => {
    await using strict = await workerWith({ REFRESH_REUSE_LEEWAY_SECONDS: '0' })
    for (let round = 0; round < ROUNDS; round++) {
      const { refresh_token } = await newTokens(person, app, { scope: 'read:models' })
      const form = { grant_type: 'refresh_token', client_id: app.client_id, refresh_token }
      const answers = await parallel(() => post('/oauth/token', form, {}, strict.url))
      const won = answers.filter(({ status }) => status === 200)
      // Those of the same millisecond may be taken for one.
      expect(new Set(won.map(({ body }) => body.refresh_token)).size).toBe(1)
      expect(won.length).toBeLessThan(PARALLEL)
      expect(await holds(won[0]?.body.access_token ?? '')).toBe(false)
    }
  })

  it('a token that is given back stays so, whoever refreshes at that moment', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { refresh_token } = await newTokens(person, app, { scope: 'read:models' })
      const { client_id } = app
      const answers = await parallel((index) =>
        index % 10 === 5
          ? post('/oauth/revoke', { client_id, token: refresh_token })
          : post('/oauth/token', { grant_type: 'refresh_token', client_id, refresh_token }),
      )
      const last = answers.find(({ body }) => body.refresh_token)?.body
      // Where the exchange came first, the token was no longer the current one: then that is given back.
      if (last) await post('/oauth/revoke', { client_id, token: last.refresh_token })
      for (const { body } of answers)
        if (body.access_token) expect(await holds(body.access_token)).toBe(false)
      const [grantId] = refresh_token.split('.')
      expect(await redis('EXISTS', `oauth-grant:${grantId}`)).toBe(0)
    }
  })
})
