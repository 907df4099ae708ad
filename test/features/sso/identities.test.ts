import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newKey, newPerson, sql, waitFor } from '../../support/stack.ts'
import {
  googleUser,
  identitiesOf,
  idp,
  link,
  linuxdoUser,
  login,
  remove,
  setStage,
  worker,
} from './identity-stage.ts'
import { Browser, freshSubject } from './support.ts'

setStage()

describe('adding an identity', () => {
  it('lets the person in by it from then on', async () => {
    const person = await newPerson(worker.url)
    idp.next(googleUser({ preferred_username: 'elsewhere' }))
    expect((await link(person.token, 'google')).body).toEqual({
      linked: true,
      provider: 'google',
      user_id: person.id,
    })
    expect((await login('google')).user_id).toBe(person.id)
    expect(await identitiesOf(person.token)).toMatchObject([
      { provider: 'google', username: 'elsewhere' },
    ])
    await remove(person.token, (await identitiesOf(person.token))[0]?.id ?? 0)
    const events = await sql`select event, details from audit_events
      where user_id = ${person.id} and event like 'identity.%' order by id`
    expect(events).toEqual([
      { event: 'identity.linked', details: { provider: 'google' } },
      { event: 'identity.unlinked', details: { provider: 'google' } },
    ])
  })

  it('asks for the password again when the sign-in is not recent', async () => {
    const person = await newPerson(worker.url)
    const claims = JSON.parse(atob(person.token.split('.')[1] ?? '')) as { sid: string }
    await redis('HSET', `session:${claims.sid}`, 'auth', String(Date.now() - 600_000))
    const begin = (json: object) =>
      call('/api/auth/identities/google', { token: person.token, json, baseUrl: worker.url })
    expect((await begin({})).body).toMatchObject({ code: 'step_up_required' })
    expect((await begin({ password: 'wrong' })).body).toMatchObject({ code: 'step_up_required' })
    expect((await begin({ password: person.password })).status).toBe(200)
  })

  it('holds several, also of one provider, and adding one again changes nothing', async () => {
    const person = await newPerson(worker.url)
    idp.next(linuxdoUser())
    await link(person.token, 'linuxdo')
    await link(person.token, 'linuxdo')
    idp.next(linuxdoUser())
    await link(person.token, 'linuxdo')
    idp.next(googleUser())
    await link(person.token, 'google')
    const providers = (await identitiesOf(person.token)).map(({ provider }) => provider)
    expect(providers).toEqual(['linuxdo', 'linuxdo', 'google'])
  })

  it('refuses one that belongs to somebody else', async () => {
    idp.next(googleUser())
    const owner = await login('google')
    const person = await newPerson(worker.url)
    expect((await link(person.token, 'google')).body).toMatchObject({
      status: 409,
      code: 'identity_in_use',
    })
    expect((await login('google')).user_id).toBe(owner.user_id)
  })

  it('is for people who are signed in, not for API keys', async () => {
    const path = '/api/auth/identities/google'
    expect((await call(path, { method: 'POST', baseUrl: worker.url })).status).toBe(401)
    const key = await newKey(await newPerson(worker.url), worker.url)
    expect((await call(path, { method: 'POST', token: key, baseUrl: worker.url })).status).toBe(403)
  })

  it('cannot be ended in the browser of a victim', async () => {
    const attacker = await newPerson(worker.url)
    const begun = await call('/api/auth/identities/google', {
      method: 'POST',
      token: attacker.token,
      baseUrl: worker.url,
    })
    idp.next(googleUser())
    const victim = new Browser(worker.url)
    const answer = await victim.consent(String(begun.body.authorization_url))
    const byRedirect = await victim.visit(answer.href, 'application/json')
    expect(byRedirect.body).toMatchObject({ code: 'login_expired' })
    expect(await identitiesOf(attacker.token)).toEqual([])
  })
})

describe('removing an identity', () => {
  it('never removes the last way in', async () => {
    idp.next(googleUser())
    const { access_token } = await login('google')
    const [only] = await identitiesOf(access_token)
    expect((await remove(access_token, only?.id ?? 0)).body).toMatchObject({
      status: 409,
      code: 'last_sign_in_method',
    })
    // Both at once, several times: one of them has to stay.
    for (let round = 0; round < 4; round++) {
      idp.next(linuxdoUser())
      await link(access_token, 'linuxdo')
      const both = await identitiesOf(access_token)
      const answers = await Promise.all(both.map(({ id }) => remove(access_token, id)))
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
      expect(await identitiesOf(access_token)).toHaveLength(1)
    }
  })

  it('does not count an identity whose provider is no longer configured', async () => {
    idp.next(googleUser())
    const { access_token, user_id } = await login('google')
    await sql`insert into identities (user_id, provider, issuer, subject, created_at, updated_at)
      values (${user_id}, 'gone', 'https://gone.example', ${freshSubject()}, now(), now())`
    const [google] = await identitiesOf(access_token)
    expect((await remove(access_token, google?.id ?? 0)).status).toBe(409)
  })

  it('may remove all of somebody with a password', async () => {
    const person = await newPerson(worker.url)
    idp.next(googleUser())
    await link(person.token, 'google')
    const [identity] = await identitiesOf(person.token)
    expect((await remove(person.token, identity?.id ?? 0)).status).toBe(204)
    expect(await identitiesOf(person.token)).toEqual([])
  })

  it("is blind to other people's", async () => {
    const owner = await newPerson(worker.url)
    idp.next(googleUser())
    await link(owner.token, 'google')
    const [identity] = await identitiesOf(owner.token)
    const stranger = await newPerson(worker.url)
    expect((await remove(stranger.token, identity?.id ?? 0)).status).toBe(404)
    expect((await remove(stranger.token, 999_999_999)).status).toBe(404)
    expect(await identitiesOf(owner.token)).toHaveLength(1)
  })

  it.each([
    ['google', '/revoke', /^Basic /],
    ['github', '/applications/github-client/grant', /^Basic /],
    ['facebook', '/me/permissions', /^Bearer /],
  ] as const)('ends what %s has given us', async (provider, path, authorization) => {
    const person = await newPerson(worker.url)
    idp.next(provider === 'google' ? googleUser() : { userInfo: { id: randomInt(2 ** 40) } })
    await link(person.token, provider)
    const before = idp.calls.length
    const [identity] = await identitiesOf(person.token)
    await remove(person.token, identity?.id ?? 0)
    await waitFor(async () => idp.calls.slice(before).some((entry) => entry.path === path))
    expect(idp.calls.find((entry, at) => at >= before && entry.path === path)).toMatchObject({
      authorization: expect.stringMatching(authorization),
    })
  })

  it('ends it as well when the whole account goes', async () => {
    const person = await newPerson(worker.url)
    idp.next(googleUser())
    await link(person.token, 'google')
    idp.next({ userInfo: { id: randomInt(2 ** 40) } })
    await link(person.token, 'github')
    const before = idp.calls.length
    const { status } = await call('/api/users/me', {
      method: 'DELETE',
      token: person.token,
      json: {},
      baseUrl: worker.url,
    })
    expect(status).toBe(200)
    const pathsSince = () => idp.calls.slice(before).map(({ path }) => path)
    await waitFor(async () => pathsSince().includes('/revoke'))
    await waitFor(async () => pathsSince().includes('/applications/github-client/grant'))
    expect(await sql`select 1 from identities where user_id = ${person.id}`).toEqual([])
  })
})
