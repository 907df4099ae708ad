import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { call, fireCron, newPerson, sql, stack, standIn, waitFor } from '../support/stack.ts'
import { workerWith } from '../support/worker-with.ts'

interface PluginUsers {
  data: { user_id: string; name: string }[]
}

async function pluginUsersOf(userId: number): Promise<PluginUsers['data']> {
  const [row] = await sql`select plugin_name from plugin_accounts where user_id = ${userId}`
  const response = await fetch(`${stack.pluginUrl}/api/users`, {
    headers: { authorization: `Bearer ${stack.pluginAdminKey}` },
  })
  const { data } = (await response.json()) as PluginUsers
  return data.filter(({ name }) => name === row?.plugin_name)
}

const stateOf = async (token: string) => (await call('/api/plugin-api/key', { token })).body.state

afterEach(() => standIn('reset-armed', {}))

describe('provisioning', () => {
  it('gives everybody a plug-in user and keeps its key sealed', async () => {
    const person = await newPerson()
    await waitFor(async () => (await stateOf(person.token)) === 'ready')
    expect(await pluginUsersOf(person.id)).toHaveLength(1)
    const [row] = await sql`select key_ciphertext from plugin_accounts where user_id = ${person.id}`
    expect(row?.key_ciphertext).toMatch(/^v1\.[\w-]+\.[\w-]{16}\.[\w-]+$/)
    expect(
      JSON.stringify((await call('/api/plugin-api/key', { token: person.token })).body),
    ).not.toContain('sk-')
  })

  it('makes no second plug-in user when an answer is lost', async () => {
    await standIn('arm', { failure: 'drop_answer', path: '/api/users', times: 1 })
    const person = await newPerson()
    await waitFor(async () => (await pluginUsersOf(person.id)).length === 1)
    // An attempt that does not hear of its end holds its claim for a minute.
    await waitFor(async () => {
      await fireCron('*/5 * * * *')
      return (await stateOf(person.token)) === 'ready'
    }, 75_000)
    expect(await pluginUsersOf(person.id)).toHaveLength(1)
  }, 90_000)

  it('waits for a plug-in that is down, and catches up at the next use', async () => {
    const down = await workerWith({ PLUGIN_API_BASE_URL: 'http://127.0.0.1:9' })
    const person = await newPerson(down.url)
    expect(await stateOf(person.token)).toBe('pending')
    const early = await call('/v1/models', { token: person.token, baseUrl: down.url })
    expect(early).toMatchObject({ status: 503, body: { error: { code: 'plugin_pending' } } })
    expect(early.headers.get('retry-after')).toMatch(/^\d+$/)
    await down.close()

    // The next use is the retry: no cron in between. There is no account yet, but a plug-in user.
    await waitFor(async () => {
      const { body } = await call<{ error: { code: string } }>('/v1/models', {
        token: person.token,
      })
      return body.error.code === 'no_account'
    })
    expect(await stateOf(person.token)).toBe('ready')
    expect(await pluginUsersOf(person.id)).toHaveLength(1)
  })

  it('is made once by ten parallel attempts', async () => {
    const down = await workerWith({ PLUGIN_API_BASE_URL: 'http://127.0.0.1:9' })
    const person = await newPerson(down.url)
    await down.close()
    await sql`update plugin_accounts set next_attempt_at = now() - interval '1 minute' where user_id = ${person.id}`
    await Promise.all(Array.from({ length: 10 }, () => call('/v1/models', { token: person.token })))
    await waitFor(async () => (await stateOf(person.token)) === 'ready')
    expect(await pluginUsersOf(person.id)).toHaveLength(1)
  })

  it('leaves everything else working where no plug-in API is configured', async () => {
    const without = await workerWith({ PLUGIN_API_BASE_URL: '' })
    const person = await newPerson(without.url)
    const options = { token: person.token, baseUrl: without.url }
    expect((await call('/api/auth/me', options)).status).toBe(200)
    expect((await call('/api/api-keys', { ...options, json: {} })).status).toBe(201)
    expect(await call('/v1/models', options)).toMatchObject({
      status: 503,
      body: { error: { code: 'plugin_not_configured' } },
    })
    expect((await call('/api/health', { baseUrl: without.url })).status).toBe(200)
    await without.close()
  })
})

describe('bringing an account', () => {
  it('works only for the person who began', async () => {
    const [owner, thief] = [await newPerson(), await newPerson()]
    await waitFor(
      async () =>
        (await stateOf(owner.token)) === 'ready' && (await stateOf(thief.token)) === 'ready',
    )
    const { body } = await call<{ data: { auth_url: string; state: string } }>(
      '/api/plugin-api/oauth/authorize',
      {
        token: owner.token,
        json: { is_shared: 0 },
      },
    )
    const consent = await fetch(body.data.auth_url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        state: body.data.state,
        decision: 'approve',
        email: `${randomUUID()}@example.com`,
      }),
    })
    const json = { callback_url: consent.headers.get('location') }
    expect(
      await call('/api/plugin-api/oauth/callback', { token: thief.token, json }),
    ).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
    expect(
      (await call('/api/plugin-api/oauth/callback', { token: owner.token, json })).status,
    ).toBe(200)
    const accounts = await call<{ data: { is_shared: number; status: number }[] }>(
      '/api/plugin-api/accounts',
      {
        token: owner.token,
      },
    )
    expect(accounts.body.data).toMatchObject([{ is_shared: 0, status: 1 }])
    expect(
      (await call('/api/plugin-api/oauth/callback', { token: owner.token, json })).status,
    ).toBeGreaterThanOrEqual(400)
  })

  it.each([
    ['not a URL', 422],
    ['http://localhost/?error=access_denied&state=x', 400],
    ['http://localhost/?state=only', 400],
    ['http://localhost/?state=unknown&code=x', 400],
  ])('answers a wrong callback address %j with %d', async (callbackUrl, status) => {
    const person = await newPerson()
    const answer = await call('/api/plugin-api/oauth/callback', {
      token: person.token,
      json: { callback_url: callbackUrl },
    })
    expect(answer.status).toBe(status)
  })
})
