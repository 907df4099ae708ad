import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChaosProxy, chaosProxy } from '../../support/chaos.ts'
import { redis as command } from '../../support/redis.ts'
import { call, newPerson, stack, type TestPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import { authorize, CALLBACK, interact, newClient, newPkce, post, type Tokens } from './support.ts'

/** What every store call takes: long against everything else, so that what was sent together can be told. */
const DELAY_MS = 400

let redis: ChaosProxy
let database: ChaosProxy
let worker: OwnWorker
let person: TestPerson
beforeAll(async () => {
  redis = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  worker = await workerWith({
    UPSTASH_REDIS_REST_URL: redis.url,
    NEON_FETCH_ENDPOINT: database.url,
    PRINCIPAL_CACHE_SECONDS: '60',
  })
  person = await newPerson(worker.url)
})
afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** How many store calls an answer waited for, one after the other; what goes on behind it is not counted. */
async function inTurn<Answer>(ask: () => Promise<Answer>): Promise<[number, Answer]> {
  for (const proxy of [redis, database]) {
    proxy.requests.length = 0
    proxy.delayMs = DELAY_MS
  }
  const answer = await ask()
  const answeredAt = performance.now()
  for (const proxy of [redis, database]) proxy.delayMs = 0
  let [turns, last] = [0, Number.NEGATIVE_INFINITY]
  const all = [...redis.requests, ...database.requests].sort((a, b) => a.at - b.at)
  for (const { at } of all) {
    if (at + DELAY_MS > answeredAt || at < last + DELAY_MS) continue
    turns++
    last = at
  }
  return [turns, answer]
}

describe('store calls in turn from an authorization request to its tokens', () => {
  it('are four for what was agreed to before, and the tokens are refreshed by two', async () => {
    const client = await newClient()
    // As if all had been made some time ago: for ten seconds after a change PostgreSQL is asked.
    await command('DEL', `oauth-client:${client.client_id}`, `person:${person.id}`)
    const { verifier, params } = newPkce()
    const asked = {
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid profile chat',
      ...params,
    }
    const secret = { client_id: client.client_id, client_secret: client.client_secret ?? '' }
    const requestOf = (location: URL | null) => location?.searchParams.get('request') ?? ''
    // Agreed to before, where nobody counts; it makes the keys that sign as well.
    const before = await authorize(asked)
    const agreed = await interact(person, requestOf(before.location), 'approve')
    const exchanged = (redirect: string, baseUrl = worker.url) =>
      post<Tokens>(
        '/oauth/token',
        {
          grant_type: 'authorization_code',
          code: new URL(redirect).searchParams.get('code') ?? '',
          redirect_uri: CALLBACK,
          code_verifier: verifier,
          ...secret,
        },
        {},
        baseUrl,
      )
    expect((await exchanged(agreed.body.redirect_to ?? '', stack.baseUrl)).status).toBe(200)
    // What an isolate reads once: its keys, and a person who may just have been set up elsewhere.
    expect((await call('/oauth/jwks', { baseUrl: worker.url })).status).toBe(200)
    await waitFor(async () => {
      database.requests.length = 0
      await call('/api/auth/sessions/current', { token: person.token, baseUrl: worker.url })
      return database.requests.length === 0
    }, 20_000)

    const [first, { location }] = await inTurn(() => authorize(asked, worker.url))
    const [second, { body }] = await inTurn(() =>
      interact(person, requestOf(location), undefined, worker.url),
    )
    expect(body.needs).toBe('nothing')
    const [third, tokens] = await inTurn(() => exchanged(body.redirect_to ?? ''))
    expect(tokens.status).toBe(200)
    expect(first + second + third, JSON.stringify([first, second, third])).toBeLessThanOrEqual(4)

    const form = { grant_type: 'refresh_token', refresh_token: tokens.body.refresh_token }
    const [fourth, refreshed] = await inTurn(() =>
      post('/oauth/token', { ...form, ...secret }, {}, worker.url),
    )
    expect(refreshed.status).toBe(200)
    expect(fourth).toBeLessThanOrEqual(2)
  })
})
