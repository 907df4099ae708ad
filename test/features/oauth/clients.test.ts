import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { call, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import {
  asClientAdmin,
  authorize,
  CALLBACK,
  interact,
  newClient,
  newCode,
  newPkce,
  newTokens,
  post,
  type TestClient,
} from './support.ts'

let worker: OwnWorker
let owner: TestPerson
let person: TestPerson
beforeAll(async () => {
  worker = await workerWith({ ALLOW_USER_CLIENTS: 'true', OAUTH_REGISTRATION: 'open' })
  owner = await newPerson(worker.url)
  person = await newPerson(worker.url)
})
afterAll(() => worker.close())

const PATH = '/api/users/me/clients'

function as(who: TestPerson) {
  return <Body = TestClient & { source: string; owner_user_id: number; scopes: string[] }>(
    method: string,
    path: string,
    json?: unknown,
  ) =>
    call<Body>(path, {
      method,
      token: who.token,
      baseUrl: worker.url,
      ...(json !== undefined && { json }),
    })
}

const app = (fields: Record<string, unknown> = {}) => ({
  name: 'Mine',
  redirect_uris: [CALLBACK],
  ...fields,
})

interface Row {
  event: string
  outcome: string
  user_id: number | null
  actor_user_id: number | null
  details: Record<string, string>
}

/** What the audit log has about a client, once all of it is there; the oldest first. */
async function eventsAbout(clientId: string, count: number): Promise<Row[]> {
  let rows: Row[] = []
  await waitFor(async () => {
    rows = (await sql`select event, outcome, user_id, actor_user_id, details from audit_events
      where details ->> 'client_id' = ${clientId} order by id`) as unknown as Row[]
    return rows.length >= count
  })
  return rows
}

describe("people's own applications", () => {
  it('are made, changed and deleted by their owner, and sign others in', async () => {
    const made = await as(owner)('POST', PATH, app())
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ source: 'user', owner_user_id: owner.id })
    expect(made.body).toMatchObject({ requires_pkce: true, may_introspect: false })
    const one = `${PATH}/${made.body.client_id}`
    const tokens = await newTokens(person, made.body, { scope: 'read:profile' }, worker.url)
    const me = () => call('/api/users/me', { token: tokens.access_token, baseUrl: worker.url })
    expect((await me()).status).toBe(200)
    const changed = await as(owner)('PATCH', one, { name: 'Another' })
    expect(changed.body).toMatchObject({ name: 'Another', people: 1 })
    const replaced = await as(owner)('POST', `${one}/secret`, { keep_seconds: 0 })
    expect(replaced.body.client_secret).toMatch(/^sas_/)
    expect((await as(owner)<unknown[]>('GET', PATH)).body).toMatchObject([{ name: 'Another' }])

    // Nobody else's, except for administrators, who see all.
    for (const [method, json] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const)
      expect((await as(person)(method, one, json)).status).toBe(404)
    expect((await as(person)('POST', `${one}/secret`)).status).toBe(404)
    expect((await as(person)<unknown[]>('GET', PATH)).body).toEqual([])
    const seen = await asClientAdmin('GET', `/api/admin/clients/${made.body.client_id}`)
    expect(seen.body).toMatchObject({ owner_user_id: owner.id })

    expect((await as(owner)('DELETE', one)).status).toBe(200)
    expect((await me()).status).toBe(401)
    expect((await eventsAbout(made.body.client_id, 5)).map(({ event }) => event)).toEqual([
      'oauth_client.created',
      'oauth.consented',
      'oauth_client.updated',
      'oauth_client.secret_replaced',
      'oauth_client.deleted',
    ])
  })

  it('get nothing that concerns others, or that nobody has to agree to', async () => {
    const ask = async (fields: Record<string, unknown>) => {
      const { status, body } = await as(owner)<Record<string, unknown>>('POST', PATH, app(fields))
      return status === 422 ? 'refused' : body
    }
    expect(await ask({ scopes: ['chat', 'read:audit'] })).toBe('refused')
    expect(await ask({ grant_types: ['client_credentials'] })).toBe('refused')
    expect(await ask({ redirect_uris: ['http://evil.example/'] })).toBe('refused')
    // What only administrators may say is not heard.
    const made = await ask({ may_introspect: true, requires_pkce: false, client_id: 'openai' })
    expect(made).toMatchObject({ may_introspect: false, requires_pkce: true })
    expect(made).not.toMatchObject({ client_id: 'openai' })
  })

  it('are ten at most, also of many that are made at once', async () => {
    const somebody = await newPerson(worker.url)
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => as(somebody)('POST', PATH, app())),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(6)
    expect((await as(somebody)<unknown[]>('GET', PATH)).body).toHaveLength(10)
    const [row] = await sql`select count(*)::int as n from audit_events
      where event = 'oauth_client.created' and user_id = ${somebody.id}`
    expect(row?.n).toBe(10)
  })

  it('end with their owner', async () => {
    const leaver = await newPerson(worker.url)
    const { body: made } = await as(leaver)('POST', PATH, app({ auth_method: 'none' }))
    const { access_token: token } = await newTokens(
      person,
      made,
      { scope: 'read:profile' },
      worker.url,
    )
    const ask = async () => (await call('/api/users/me', { token, baseUrl: worker.url })).status
    expect(await ask()).toBe(200)
    const gone = await as(leaver)('DELETE', '/api/users/me', { password: leaver.password })
    expect(gone.status).toBe(200)
    expect(await ask()).toBe(401)
    const grants = await as(person)<{ client_id: string }[]>('GET', '/api/users/me/grants')
    expect(grants.body.filter(({ client_id }) => client_id === made.client_id)).toEqual([])
  })

  it('are made where the operator allows it, and can be deleted anywhere', async () => {
    const { body: made } = await as(owner)('POST', PATH, app())
    const closed = (method: string, path: string, json?: unknown) =>
      call(path, { method, token: owner.token, ...(json !== undefined && { json }) })
    expect((await closed('POST', PATH, app())).status).toBe(403)
    const one = `${PATH}/${made.client_id}`
    expect((await closed('PATCH', one, { name: 'x' })).status).toBe(403)
    expect((await closed('POST', `${one}/secret`)).status).toBe(403)
    expect((await closed('GET', one)).status).toBe(200)
    expect((await closed('DELETE', one)).status).toBe(200)
  })
})

describe('the audit log', () => {
  it('has every change that an administrator makes of a client', async () => {
    const admin = await newAdmin()
    const asAdmin = (method: string, path: string, json?: unknown) =>
      call<TestClient>(path, { method, token: admin.token, ...(json !== undefined && { json }) })
    const { body: made } = await asAdmin('POST', '/api/admin/clients', app())
    const one = `/api/admin/clients/${made.client_id}`
    await asAdmin('PATCH', one, { name: 'B', is_active: false })
    await asAdmin('POST', `${one}/secret`)
    await asAdmin('DELETE', one)
    await asAdmin('DELETE', one)
    const client_id = made.client_id
    const by = { outcome: 'success', user_id: admin.id, actor_user_id: admin.id }
    expect(await eventsAbout(client_id, 4)).toEqual([
      { ...by, event: 'oauth_client.created', details: { client_id, name: 'Mine' } },
      { ...by, event: 'oauth_client.updated', details: { client_id, fields: 'isActive, name' } },
      {
        ...by,
        event: 'oauth_client.secret_replaced',
        details: { client_id, fields: 'previousSecretHash, previousSecretUntil, secretHash' },
      },
      { ...by, event: 'oauth_client.deleted', details: { client_id } },
    ])
    expect(JSON.stringify(await eventsAbout(client_id, 4))).not.toContain(made.client_secret)
  })

  it('has every change that an application makes of itself', async () => {
    const baseUrl = worker.url
    const metadata = { redirect_uris: [CALLBACK], client_name: 'Itself' }
    const { body } = await call<Record<string, string>>('/oauth/register', {
      json: metadata,
      baseUrl,
    })
    const own = { token: body.registration_access_token ?? '', baseUrl }
    const path = `/oauth/register/${body.client_id}`
    await call(path, { ...own, method: 'PUT', json: metadata })
    await call(path, { ...own, method: 'DELETE' })
    const events = await eventsAbout(body.client_id ?? '', 3)
    expect(events.map(({ event, user_id }) => [event, user_id])).toEqual([
      ['oauth_client.created', null],
      ['oauth_client.updated', null],
      ['oauth_client.deleted', null],
    ])
  })

  it('has what a person agrees to, refuses and takes back, and every misuse', async () => {
    const somebody = await newPerson()
    const made = await newClient({ auth_method: 'none' })
    const scope = 'read:models'
    const asked = { client_id: made.client_id, response_type: 'code', redirect_uri: CALLBACK }
    const { location } = await authorize({ ...asked, scope, ...newPkce().params })
    await interact(somebody, location?.searchParams.get('request') ?? '', 'deny')
    const form = await newCode(somebody, made, { scope })
    const { body: tokens } = await post('/oauth/token', form)
    // Given back by the application; a code that comes twice; a refresh token that does.
    const known = { client_id: made.client_id }
    await post('/oauth/revoke', { ...known, token: tokens.access_token })
    await post('/oauth/token', form)
    await using strict = await workerWith({ REFRESH_REUSE_LEEWAY_SECONDS: '0' })
    const { refresh_token } = await newTokens(somebody, made, { scope })
    const refresh = { grant_type: 'refresh_token', ...known, refresh_token }
    for (let time = 0; time < 2; time++) {
      // Those of the same millisecond would be taken for one.
      await new Promise((resolve) => setTimeout(resolve, 5))
      await post('/oauth/token', refresh, {}, strict.url)
    }
    await call(`/api/users/me/grants?client_id=${made.client_id}`, {
      method: 'DELETE',
      token: somebody.token,
    })
    const events = await eventsAbout(made.client_id, 8)
    const theirs = events.filter(({ event }) => event.startsWith('oauth.'))
    expect(new Set(theirs.map(({ user_id }) => user_id))).toEqual(new Set([somebody.id]))
    // Those behind an answer may be written in any order.
    expect(theirs.map(({ event, outcome }) => `${event} ${outcome}`).sort()).toEqual([
      'oauth.code_reused failure',
      'oauth.consented success',
      'oauth.consented success',
      'oauth.denied success',
      'oauth.grant_ended success',
      'oauth.grant_ended success',
      'oauth.refresh_reused failure',
    ])
  })
})
