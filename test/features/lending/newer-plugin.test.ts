import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chat } from '../../support/chat.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { bringAccount, call, newKey, newPerson, type TestPerson } from '../../support/stack.ts'

let own: OwnStack
let lender: TestPerson
let cookieId: string
beforeAll(async () => {
  own = await ownStack({})
  lender = await newPerson(own.baseUrl)
  cookieId = await bringAccount(lender, 1, 1, own.baseUrl)
  await bringAccount(lender, 0, 1, own.baseUrl)
})
afterAll(() => own[Symbol.asyncDispose]())

async function control(path: string, json: unknown): Promise<void> {
  const plugin = own.stack.bindings.PLUGIN_API_BASE_URL ?? ''
  await fetch(`${plugin}/__control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })
}
const as = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  call<Body>(path, { method, token: lender.token, json, baseUrl: own.baseUrl })

describe('a key that the AI service refuses', () => {
  /** As if the plug-in had made it anew without telling anybody. */
  async function lose(): Promise<void> {
    const [row] = await own.sql`
      update plugin_accounts set updated_at = now() - interval '5 minutes'
      where user_id = ${lender.id} returning plugin_user_id`
    const plugin = own.stack.bindings.PLUGIN_API_BASE_URL ?? ''
    const made = await fetch(`${plugin}/api/users/${row?.plugin_user_id}/regenerate-key`, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.stack.bindings.PLUGIN_API_ADMIN_KEY}` },
    })
    if (!made.ok) throw new Error(`the key was not made anew: ${made.status}`)
  }

  it('is replaced on the way, and the call goes on', async () => {
    await lose()
    const listed = await as<{ data: { cookie_id: string }[] }>('GET', '/api/plugin-api/accounts')
    expect(listed.status).toBe(200)
    expect(listed.body.data).toContainEqual(expect.objectContaining({ cookie_id: cookieId }))
  })

  it('is replaced for a chat, which is asked to try again', async () => {
    const key = await newKey(lender, own.baseUrl)
    await lose()
    const first = await chat({ key, baseUrl: own.baseUrl })
    expect([first.status, first.error?.code]).toEqual([503, 'plugin_pending'])
    expect((await chat({ key, baseUrl: own.baseUrl })).status).toBe(200)
  })
})

describe('which AI service it is', () => {
  const versionFor = async (token?: string) => {
    const { body } = await call<{ components: { plugin: { version?: string } } }>('/api/health', {
      baseUrl: own.baseUrl,
      ...(token && { token }),
    })
    return body.components.plugin.version
  }

  it('is shown to administrators alone', async () => {
    // The version is asked for once an isolate: this is the first time.
    await control('config', { version: 'N' })
    const admin = await newPerson(own.baseUrl)
    await own.sql`update users set role = 'admin' where id = ${admin.id}`
    expect(await versionFor()).toBeUndefined()
    expect(await versionFor(lender.token)).toBeUndefined()
    expect(await versionFor(admin.token)).toBe('newer')
  })
})

describe('the newer AI service', () => {
  it('cannot take an account back: it is switched off, and that is said', async () => {
    await control('config', { version: 'N' })
    const path = `/api/plugin-api/accounts/${cookieId}`
    const back = await as<{ message: string; data: object }>('PUT', `${path}/type`, {
      is_shared: 0,
    })
    expect(back.status).toBe(200)
    expect(back.body.data).toEqual({ cookie_id: cookieId, is_shared: 1, status: 0 })
    expect(back.body.message).toContain('switched off')
    const quotas = await as('GET', '/api/quotas')
    expect(quotas.body).toMatchObject({ ceiling: 0, accounts: { shared: 0 } })
    await as('PUT', `${path}/status`, { status: 1 })
  })

  it('takes an account by its refresh token', async () => {
    const body = { refresh_token: `1//${randomUUID()}`, is_shared: 1 }
    const path = '/api/plugin-api/accounts/import'
    const added = await as<{ data: { cookie_id: string } }>('POST', path, body)
    expect(added.status).toBe(200)
    expect((await as('GET', '/api/quotas')).body).toMatchObject({ accounts: { shared: 2 } })
    expect((await as('POST', path, body)).status).toBe(409)
    const dead = await as('POST', path, { refresh_token: 'revoked' })
    expect([dead.status, dead.body.code]).toEqual([400, 'invalid_request'])
  })

  it('is needed for that', async () => {
    const { token } = await newPerson()
    const json = { refresh_token: randomUUID() }
    const older = await call('/api/plugin-api/accounts/import', { token, json })
    expect([older.status, older.body.code]).toEqual([404, 'not_found'])
  })
})

describe('how people stand at the AI service', () => {
  let admin: TestPerson
  beforeAll(async () => {
    admin = await newPerson(own.baseUrl)
    await own.sql`update users set role = 'admin' where id = ${admin.id}`
  })
  const asAdmin = <Body>(method: string, path: string) =>
    call<Body>(`/api/admin/plugin-users${path}`, {
      method,
      token: admin.token,
      baseUrl: own.baseUrl,
    })
  async function standing() {
    const { status, body } = await asAdmin<{ items: { user_id: number; standing: string }[] }>(
      'GET',
      `?after=${lender.id - 1}&limit=1`,
    )
    expect([status, body.items[0]?.user_id]).toEqual([200, lender.id])
    return body.items[0]?.standing
  }
  const atPlugin = async (method: string, suffix = '', json?: unknown) => {
    const [row] = await own.sql`select plugin_user_id from plugin_accounts
      where user_id = ${lender.id}`
    const plugin = own.stack.bindings.PLUGIN_API_BASE_URL ?? ''
    const done = await fetch(`${plugin}/api/users/${row?.plugin_user_id}${suffix}`, {
      method,
      headers: {
        authorization: `Bearer ${own.stack.bindings.PLUGIN_API_ADMIN_KEY}`,
        'content-type': 'application/json',
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    expect(done.status).toBe(200)
  }

  it('takes no id that cannot be one', async () => {
    expect((await asAdmin('GET', '?after=3000000000')).status).toBe(422)
  })

  it.each([
    ['key_refused', () => atPlugin('POST', '/regenerate-key', {})],
    ['disabled', () => atPlugin('PUT', '/status', { status: 0 })],
    ['missing', () => atPlugin('DELETE')],
  ] as const)('is said, and mended: %s', async (what, spoil) => {
    expect(await standing()).toBe('ok')
    await spoil()
    expect(await standing()).toBe(what)
    const mended = await asAdmin('POST', `/${lender.id}/mend`)
    expect([mended.status, mended.body]).toEqual([200, { user_id: lender.id, standing: 'ok' }])
    expect(await standing()).toBe('ok')
    expect((await as('GET', '/api/plugin-api/accounts')).status).toBe(200)
  })
})
