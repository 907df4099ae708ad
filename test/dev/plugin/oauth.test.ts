import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, consent, pool, postConsent, start, type TestPlugin } from './support.ts'

let plugin: TestPlugin
beforeAll(async () => {
  plugin = await start()
})

function manual(key: string, callback_url: unknown) {
  return plugin.call('POST', '/api/oauth/callback/manual', key, { callback_url })
}

describe('consent', () => {
  it('goes from authorize over the page to an account', async () => {
    const user = await plugin.newUser()
    const begun = await plugin.call('POST', '/api/oauth/authorize', user.api_key, { is_shared: 1 })
    expect(begun.body.data).toEqual({
      auth_url: expect.stringContaining(`${plugin.url}/oauth/consent?`),
      state: expect.stringMatching(/^[0-9a-f-]{36}$/),
      expires_in: 300,
    })
    const { auth_url: authUrl, state } = begun.body.data
    expect(new URL(authUrl).searchParams.get('state')).toBe(state)
    const page = await (await fetch(authUrl)).text()
    expect(page).toContain('development stand-in')
    expect(page).toContain(`value="${state}"`)

    const email = 'lender@example.test'
    const sent = await postConsent(plugin, state, { email, tier: 'paid', quota: '0.25' })
    expect(sent.status).toBe(302)
    const address = sent.headers.get('location') ?? ''
    expect(address).toMatch(/^http:\/\/localhost:42532\/oauth-callback\?/)
    expect(new URL(address).searchParams.get('state')).toBe(state)

    const added = await manual(user.api_key, address)
    expect(added.status).toBe(200)
    expect(added.body.data).toEqual({
      cookie_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      user_id: user.user_id,
      is_shared: 1,
      project_id_0: expect.stringMatching(/.+/),
      is_restricted: false,
      ineligible: false,
      created_at: expect.stringMatching(/Z$/),
    })
    // Stored for every model, and credited: twice the fraction, with room for 2.
    expect(await pool(plugin, user)).toEqual({ quota: 0.5, max: 2 })
    const [account] = (await plugin.call('GET', '/api/accounts', user.api_key)).body.data
    expect(account).toMatchObject({ name: email, paid_tier: true, need_refresh: false, status: 1 })
  })

  it('shows the address to copy when asked to', async () => {
    const user = await plugin.newUser()
    const begun = await plugin.call('POST', '/api/oauth/authorize', user.api_key, {})
    const shown = await postConsent(plugin, begun.body.data.state, { show: '1' })
    expect(shown.status).toBe(200)
    const address = /<code>(.+?)<\/code>/.exec(shown.text)?.[1]?.replaceAll('&amp;', '&')
    expect((await manual(user.api_key, address)).body.data.is_shared).toBe(0)
  })

  it('can be denied', async () => {
    const user = await plugin.newUser()
    const address = await consent(plugin, user, { form: { decision: 'deny' } })
    expect(new URL(address).searchParams.get('error')).toBe('access_denied')
    expect((await manual(user.api_key, address)).status).toBe(400)
  })

  it('refuses senseless forms and unknown states', async () => {
    const user = await plugin.newUser()
    const begun = await plugin.call('POST', '/api/oauth/authorize', user.api_key, {})
    const { state } = begun.body.data
    expect((await postConsent(plugin, state, { quota: '1.5' })).status).toBe(400)
    expect((await postConsent(plugin, state, { email: 'nobody' })).status).toBe(400)
    expect((await postConsent(plugin, 'unknown')).status).toBe(400)
    expect((await plugin.call('GET', '/oauth/consent?state=unknown')).status).toBe(400)
  })

  it('redirects where it is configured to', async () => {
    const other = await start({ redirectUri: 'https://app.example.test/back?x=1' })
    const address = await consent(other, await other.newUser())
    expect(address).toMatch(/^https:\/\/app\.example\.test\/back\?x=1&state=.+&code=.+/)
  })
})

describe('manual callback', () => {
  it('answers 400 to what cannot be a callback', async () => {
    const user = await plugin.newUser()
    for (const address of [
      undefined,
      '',
      'no address',
      'http://localhost:42532/oauth-callback?error=access_denied&code=a&state=b',
      'http://localhost:42532/oauth-callback?code=a',
      'http://localhost:42532/oauth-callback?state=b',
    ]) {
      expect((await manual(user.api_key, address)).status).toBe(400)
    }
  })

  it('uses a state up on success', async () => {
    const user = await plugin.newUser()
    const address = await consent(plugin, user)
    expect((await manual(user.api_key, address)).status).toBe(200)
    expect((await manual(user.api_key, address)).status).toBe(500)
    const state = new URL(address).searchParams.get('state') ?? ''
    expect((await postConsent(plugin, state)).status).toBe(400)
  })

  it('keeps the state when the code exchange fails', async () => {
    const user = await plugin.newUser()
    const address = await consent(plugin, user)
    const wrong = new URL(address)
    wrong.searchParams.set('code', 'wrong')
    expect((await manual(user.api_key, wrong.href)).status).toBe(500)
    expect((await manual(user.api_key, address)).status).toBe(200)
  })

  it('lets a state expire after five minutes', async () => {
    const user = await plugin.newUser()
    const late = await consent(plugin, user)
    const inTime = await consent(plugin, user)
    await plugin.control('/config', { clockOffsetMs: 299_000 })
    const good = await manual(user.api_key, inTime)
    await plugin.control('/config', { clockOffsetMs: 301_000 })
    const bad = await manual(user.api_key, late)
    await plugin.control('/config', { clockOffsetMs: 0 })
    expect([good.status, bad.status]).toEqual([200, 500])
  })

  it('attaches the account to whoever began, not to the caller', async () => {
    const lender = await plugin.newUser()
    const other = await plugin.newUser()
    const address = await consent(plugin, lender)
    const added = await manual(other.api_key, address)
    expect(added.body.data.user_id).toBe(lender.user_id)
  })

  it('accepts an e-mail address once in the whole installation', async () => {
    const form = { email: 'twice@example.test' }
    const first = await plugin.newUser()
    const cookie = await plugin.addAccount(first, { form })
    const second = await plugin.newUser()
    const refused = await manual(second.api_key, await consent(plugin, second, { form }))
    expect(refused.status).toBe(500)
    expect(refused.body.error).toContain('twice@example.test')
    await plugin.call('DELETE', `/api/accounts/${cookie}`, first.api_key)
    expect(await plugin.addAccount(second, { form })).not.toBe(cookie)
  })

  it('refuses free accounts that are not eligible, and lets paid ones through', async () => {
    const user = await plugin.newUser()
    for (const eligibility of ['ineligible', 'unsupported_location']) {
      const free = await consent(plugin, user, { form: { eligibility, tier: 'free' } })
      expect((await manual(user.api_key, free)).status).toBe(500)
      const paid = await consent(plugin, user, { form: { eligibility, tier: 'paid' } })
      expect((await manual(user.api_key, paid)).body.data).toMatchObject({
        ineligible: eligibility === 'ineligible',
        is_restricted: eligibility === 'unsupported_location',
      })
    }
    const [restricted] = (await plugin.call('GET', '/api/accounts', user.api_key)).body.data
    expect(restricted?.project_id_0).toBe('')
  })

  it('does not validate is_shared before the account is stored', async () => {
    const user = await plugin.newUser()
    const junk = await consent(plugin, user, { shared: 'junk' })
    expect(junk).toContain('code=')
    expect((await manual(user.api_key, junk)).status).toBe(500)
    // A text that is a number is stored, but only the number 1 credits the pool.
    const text = await consent(plugin, user, { shared: '1' })
    expect((await manual(user.api_key, text)).body.data.is_shared).toBe(1)
    expect(await pool(plugin, user)).toBeUndefined()
  })

  it('fails for an authorization that the admin began', async () => {
    const admin = { user_id: 'admin', api_key: ADMIN_KEY }
    const refused = await manual(ADMIN_KEY, await consent(plugin, admin))
    expect(refused.status).toBe(500)
  })
})

describe('browser callback', () => {
  it('answers pages: 200, 400, 500', async () => {
    const user = await plugin.newUser()
    const { search } = new URL(await consent(plugin, user))
    const good = await plugin.call('GET', `/api/oauth/callback${search}`)
    const again = await plugin.call('GET', `/api/oauth/callback${search}`)
    const denied = await plugin.call('GET', '/api/oauth/callback?error=access_denied')
    const bare = await plugin.call('GET', '/api/oauth/callback')
    expect([good, again, denied, bare].map((answer) => answer.status)).toEqual([200, 500, 400, 400])
    for (const answer of [good, again, denied, bare]) expect(answer.type).toContain('text/html')
    expect((await plugin.call('GET', '/api/accounts', user.api_key)).body.data).toHaveLength(1)
  })
})
