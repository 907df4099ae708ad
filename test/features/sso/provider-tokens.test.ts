import { describe, expect, it } from 'vitest'
import { call, sql } from '../../support/stack.ts'
import { googleUser, identitiesOf, idp, login, setStage, worker } from './identity-stage.ts'
import { freshEmail } from './support.ts'

setStage()

describe("a provider's tokens", () => {
  it('are stored encrypted, bound to their identity', async () => {
    idp.next({
      ...googleUser(),
      tokens: (body) => Object.assign(body, { access_token: 'clear-a', refresh_token: 'clear-r' }),
    })
    const { user_id } = await login('google')
    const [row] = await sql`select * from identities where user_id = ${user_id}`
    expect(JSON.stringify(row)).not.toMatch(/clear-/)
    expect(row?.access_token_ciphertext).toMatch(/^v1\./)
    expect(row?.refresh_token_ciphertext).toMatch(/^v1\./)
    expect(worker.logs.join()).not.toMatch(/clear-/)
  })

  it('are refreshed when used after they have expired', async () => {
    const email = freshEmail()
    idp.next({
      ...googleUser({ email, email_verified: true }),
      tokens: (body) => Object.assign(body, { access_token: 'first', refresh_token: 'r1' }),
    })
    const { access_token, user_id } = await login('google')
    const [identity] = await identitiesOf(access_token)
    const sync = () =>
      call(`/api/auth/identities/${identity?.id}/sync`, {
        method: 'POST',
        token: access_token,
        baseUrl: worker.url,
      })
    const usedToken = () => idp.calls.findLast(({ path }) => path === '/userinfo')?.authorization

    // What came with the ID token is not lost.
    expect(await sync()).toMatchObject({ status: 200, body: { email, email_verified: true } })
    expect(usedToken()).toBe('Bearer first')

    await sql`update identities set token_expires_at = now() where user_id = ${user_id}`
    idp.script.tokens = (body) => {
      body.access_token = 'second'
      delete body.refresh_token
    }
    expect((await sync()).status).toBe(200)
    expect(usedToken()).toBe('Bearer second')
    const refresh = idp.calls.findLast(({ path }) => path === '/token')
    expect(refresh?.body).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r1' })
    const tokenCalls = () => idp.calls.filter(({ path }) => path === '/token').length
    const before = tokenCalls()
    await sync()
    expect(tokenCalls()).toBe(before)

    // The provider sent no new refresh token: the old one still holds, until it says otherwise.
    await sql`update identities set token_expires_at = now() where user_id = ${user_id}`
    idp.script.tokenStatus = 400
    idp.script.tokens = (body) => Object.assign(body, { error: 'invalid_grant' })
    expect((await sync()).body).toMatchObject({ status: 400, code: 'login_expired' })
    expect(idp.calls.findLast(({ path }) => path === '/token')?.body).toMatchObject({
      refresh_token: 'r1',
    })
  })

  it('refresh once when several calls need it at a time', async () => {
    idp.next(googleUser())
    const { access_token, user_id } = await login('google')
    const [identity] = await identitiesOf(access_token)
    await sql`update identities set token_expires_at = now() where user_id = ${user_id}`
    const before = idp.calls.length
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        call(`/api/auth/identities/${identity?.id}/sync`, {
          method: 'POST',
          token: access_token,
          baseUrl: worker.url,
        }),
      ),
    )
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    const refreshes = idp.calls.slice(before).filter(({ path }) => path === '/token')
    expect(refreshes).toHaveLength(1)
  })
})
