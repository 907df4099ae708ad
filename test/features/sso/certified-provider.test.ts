import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, sql, waitFor } from '../../support/stack.ts'
import { startCertifiedProvider } from './certified-provider.ts'
import { Browser, freshEmail, freshSubject, workerWith } from './support.ts'

const CLIENTS = {
  basic: 'client_secret_basic',
  post: 'client_secret_post',
  public: 'none',
} as const
const SECRET = 'a secret: with & signs + of=every/kind%'

let idp: Awaited<ReturnType<typeof startCertifiedProvider>>
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startCertifiedProvider()
  const ids = Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]
  worker = await workerWith({
    OIDC_PROVIDERS: ids.join(','),
    ...Object.fromEntries(
      ids.flatMap((id) => {
        const prefix = `OIDC_${id.toUpperCase()}`
        return [
          [`${prefix}_ISSUER`, idp.url],
          [`${prefix}_CLIENT_ID`, `${id} client`],
          ...(id === 'public'
            ? [[`${prefix}_CLIENT_AUTH`, 'none']]
            : [[`${prefix}_CLIENT_SECRET`, SECRET]]),
          ...(id === 'post' ? [[`${prefix}_CLIENT_AUTH`, 'post']] : []),
        ]
      }),
    ),
    OIDC_BASIC_SCOPES: 'openid profile email offline_access',
  })
  idp.open(
    ids.map((id) => ({
      client_id: `${id} client`,
      ...(id !== 'public' && { client_secret: SECRET }),
      token_endpoint_auth_method: CLIENTS[id],
      redirect_uris: [`${worker.url}/oauth/${id}/callback`],
    })),
  )
})
afterAll(async () => {
  await worker?.close()
  await idp?.stop()
})

const newAccount = () => {
  const sub = freshSubject()
  return {
    sub,
    preferred_username: `h${sub.slice(0, 12)}`,
    email: freshEmail(),
    email_verified: true,
    picture: 'https://pictures.example/p.png',
  }
}

/** Follows the provider's own redirects until it sends the browser back. */
async function consent(browser: Browser, authorizationUrl: string): Promise<URL> {
  let url = new URL(authorizationUrl)
  for (let hops = 0; url.origin === idp.url && hops < 10; hops++) {
    const { headers, status, body } = await browser.visit(url.href)
    const location = headers.get('location')
    if (!location) throw new Error(`the provider answered ${status} ${JSON.stringify(body)}`)
    url = new URL(location, url)
  }
  return url
}

async function begin(id: string, browser = new Browser(worker.url)) {
  const { body } = await browser.api(`/api/auth/oidc/${id}/login`)
  return { browser, state: String(body.state), url: String(body.authorization_url) }
}

describe('a certified OpenID provider', () => {
  it.each(Object.keys(CLIENTS))('signs people in, by redirects (%s client)', async (id) => {
    const account = newAccount()
    idp.next(account)
    const { browser, url } = await begin(id)
    const { status, body } = await browser.visit((await consent(browser, url)).href)
    expect([status, body.code]).toEqual([200, undefined])
    expect(body).toMatchObject({
      username: account.preferred_username,
      user: { email: account.email, is_verified: true, avatar_url: account.picture },
    })
  })

  it.each(Object.keys(CLIENTS))('signs people in, by JSON (%s client)', async (id) => {
    const account = newAccount()
    idp.next(account)
    const { browser, url, state } = await begin(id)
    const answer = await consent(browser, url)
    const code = answer.searchParams.get('code')
    expect(answer.searchParams.get('iss')).toBe(idp.url)
    const done = await browser.api(`/api/auth/oidc/${id}/callback`, { code, state })
    expect(done.body).toMatchObject({ username: account.preferred_username })
  })

  it('refuses a code that was given to another flow', async () => {
    idp.next(newAccount())
    const stolen = await begin('basic')
    const code = (await consent(stolen.browser, stolen.url)).searchParams.get('code')
    // Injected into a flow of the thief's: the code is bound to the victim's PKCE secret.
    const { browser, state } = await begin('basic')
    const done = await browser.api('/api/auth/oidc/basic/callback', { code, state })
    expect(done.body).toMatchObject({ status: 400, code: 'login_expired' })
  })

  it('refuses an answer in the name of another issuer', async () => {
    idp.next(newAccount())
    const { browser, url } = await begin('basic')
    const answer = await consent(browser, url)
    answer.searchParams.set('iss', 'https://evil.example')
    expect((await browser.visit(answer.href)).body).toMatchObject({ code: 'login_expired' })
  })

  it('tells when the person declines', async () => {
    idp.next(null)
    const { browser, url } = await begin('basic')
    const { body } = await browser.visit((await consent(browser, url)).href)
    expect(body).toMatchObject({ status: 403, code: 'login_denied' })
  })

  it('has its tokens refreshed, rotated, and ended when the identity goes', async () => {
    const account = newAccount()
    idp.next(account)
    const { browser, url } = await begin('basic')
    const { body } = await browser.visit((await consent(browser, url)).href)
    const token = String(body.access_token)
    const { body: list } = await call<{ identities: { id: number }[] }>('/api/auth/identities', {
      token,
      baseUrl: worker.url,
    })
    const id = list.identities[0]?.id
    const stored = async () =>
      (await sql`select * from identities where id = ${id}`)[0]?.refresh_token_ciphertext
    for (let round = 1; round <= 3; round++) {
      const before = await stored()
      await sql`update identities set token_expires_at = now() where id = ${id}`
      idp.next({ ...account, picture: `https://pictures.example/${round}.png` })
      const synced = await call(`/api/auth/identities/${id}/sync`, {
        method: 'POST',
        token,
        baseUrl: worker.url,
      })
      expect(synced.body).toMatchObject({ avatar_url: `https://pictures.example/${round}.png` })
      expect(await stored()).not.toBe(before)
    }

    await sql`update users set password_hash = 'x' where id = ${body.user_id}`
    idp.events.length = 0
    await call(`/api/auth/identities/${id}`, { method: 'DELETE', token, baseUrl: worker.url })
    await waitFor(async () => idp.events.includes('grant.revoked'))
  })
})
