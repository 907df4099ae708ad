import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mailsTo, mailTo, type ReceivedMail, tokenIn } from '../../support/mail.ts'
import { enrol } from '../../support/second-factor.ts'
import { call, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'
import { googleUser, idp, link, login, setStage, worker } from '../sso/identity-stage.ts'
import { Browser } from '../sso/support.ts'

/** Somebody registers with the address of somebody else, who later proves that it is theirs. */

setStage()

const baseUrl = () => worker.url
const newPassword = () => `pw-${randomUUID()}`
const status = async (token: string, path = '/api/auth/me') =>
  (await call(path, { token, baseUrl: baseUrl() })).status

async function squat(email: string): Promise<TestPerson> {
  const username = `s${randomUUID().slice(0, 13)}`
  const json = { username, email, password: newPassword() }
  const { body } = await call<{ id: number }>('/api/auth/register', { json, baseUrl: baseUrl() })
  const signedIn = await call<{ access_token: string; refresh_token: string }>('/api/auth/login', {
    json: { username, password: json.password },
    baseUrl: baseUrl(),
  })
  const { access_token: token, refresh_token: refreshToken } = signedIn.body
  return { ...json, id: body.id, token, refreshToken }
}

async function keyOf(token: string): Promise<string> {
  const { body } = await call<{ key: string }>('/api/api-keys', {
    token,
    json: {},
    baseUrl: baseUrl(),
  })
  return body.key
}

/** The links for a new password that a mailbox has got, by the account that they name. */
async function linksTo(email: string, count: number): Promise<Map<string, string>> {
  let mails: ReceivedMail[] = []
  await waitFor(async () => {
    mails = (await mailsTo(email)).filter(({ subject }) => /Choose a new/.test(subject))
    return mails.length >= count
  })
  return new Map(
    mails.map((mail) => [/the account "([^"]+)"/.exec(mail.text)?.[1] ?? '', tokenIn(mail)]),
  )
}

const signIn = (name: string, password: string) => {
  const json = { [name.includes('@') ? 'email' : 'username']: name, password }
  return call('/api/auth/login', { json, baseUrl: baseUrl() })
}
const forgot = (email: string) =>
  call('/api/auth/forgot-password', { json: { email }, baseUrl: baseUrl() })
const reset = (token: string | undefined, password: string, more: object = {}) =>
  call<{ api_keys_ended: number }>('/api/auth/reset-password', {
    json: { token, new_password: password, ...more },
    baseUrl: baseUrl(),
  })

describe('whoever proves an address by a new password', () => {
  it('ends every way in that was there before', async () => {
    const email = `${randomUUID()}@example.com`
    const squatter = await squat(email)
    const key = await keyOf(squatter.token)
    const identity = googleUser()
    idp.next(identity)
    expect((await link(squatter.token, 'google')).body).toMatchObject({ linked: true })
    expect((await login('google')).user_id).toBe(squatter.id)
    await enrol(squatter, baseUrl())
    expect(await status(key)).toBe(200)

    await forgot(email)
    const links = await linksTo(email, 1)
    const password = newPassword()
    const done = await reset(links.get(squatter.username), password, { end_api_keys: false })
    expect(done).toMatchObject({ status: 200, body: { api_keys_ended: 1 } })

    expect(await status(key)).toBe(401)
    expect(await status(squatter.token)).toBe(401)
    const json = { refresh_token: squatter.refreshToken }
    expect((await call('/api/auth/refresh', { json, baseUrl: baseUrl() })).status).toBe(401)
    idp.next(identity)
    expect((await login('google')).user_id).not.toBe(squatter.id)
    // The owner is not asked for a factor that is somebody else's.
    const mine = await signIn(email, password)
    expect(mine.body).toMatchObject({ user_id: squatter.id, access_token: expect.any(String) })
    expect((await signIn(email, squatter.password)).status).toBe(401)
    expect((await sql`select 1 from totp_factors where user_id = ${squatter.id}`).length).toBe(0)
  })

  it('ends what the squatter had begun: a key, an identity, an app, another address', async () => {
    const email = `${randomUUID()}@example.com`
    const squatter = await squat(email)
    const bearer = { authorization: `Bearer ${squatter.token}` }
    const browser = new Browser(worker.url)
    idp.next(googleUser())
    const begun = await browser.api('/api/auth/identities/google', {}, bearer)
    const answer = await browser.consent(String(begun.body.authorization_url))
    const away = `${randomUUID()}@example.com`
    await call('/api/auth/change-email', {
      token: squatter.token,
      json: { new_email: away },
      baseUrl: baseUrl(),
    })
    const awayToken = tokenIn(await mailTo(away, /Confirm your new/))

    await forgot(email)
    const links = await linksTo(email, 1)
    await reset(links.get(squatter.username), newPassword())

    const finished = await browser.api('/api/auth/oidc/google/callback', {
      code: answer.searchParams.get('code'),
      state: begun.body.state,
    })
    expect(finished.status).toBe(400)
    const moved = await call('/api/auth/confirm-email', {
      json: { token: awayToken },
      baseUrl: baseUrl(),
    })
    expect(moved.status).toBe(400)
    const [row] =
      await sql`select email, (select count(*)::int from identities where user_id = u.id) as identities
      from users u where id = ${squatter.id}`
    expect(row).toEqual({ email, identities: 0 })
  })

  it('wins every race against making keys and linking', async () => {
    for (let round = 0; round < 5; round++) {
      const email = `${randomUUID()}@example.com`
      const squatter = await squat(email)
      await forgot(email)
      const token = (await linksTo(email, 1)).get(squatter.username)
      const make = () =>
        call<{ key?: string }>('/api/api-keys', {
          token: squatter.token,
          json: {},
          baseUrl: baseUrl(),
        })
      const [, ...made] = await Promise.all([
        reset(token, newPassword()),
        ...Array.from({ length: 8 }, make),
      ])
      for (const { body } of made) if (body.key) expect(await status(body.key)).toBe(401)
    }
  })

  it('keeps, once the address is theirs, identities and second factor', async () => {
    const person = await squat(`${randomUUID()}@example.com`)
    await forgot(person.email)
    const password = newPassword()
    await reset((await linksTo(person.email, 1)).get(person.username), password)
    const { body } = await signIn(person.username, password)
    const token = String(body.access_token)
    const identity = googleUser()
    idp.next(identity)
    await link(token, 'google')
    const enrolled = await enrol({ ...person, token, password }, baseUrl())
    const key = await keyOf(token)

    await sql`update one_time_tokens set created_at = created_at - interval '2 minutes'`
    await forgot(person.username)
    await waitFor(async () => (await mailsTo(person.email)).length >= 5)
    const [newest] = (await mailsTo(person.email)).filter(({ subject }) =>
      /Choose a new/.test(subject),
    )
    const again = await reset(newest && tokenIn(newest), newPassword(), { end_api_keys: false })
    expect(again).toMatchObject({ status: 200, body: { api_keys_ended: 0 } })
    expect(await status(key)).toBe(200)
    idp.next(identity)
    const { body: step } = await new Browser(worker.url).login('google', '', 'application/json')
    expect(step).toMatchObject({ mfa_required: true })
    expect(enrolled.recoveryCodes).toHaveLength(10)
  })
})

describe('several who claim one address', () => {
  it('are named in the mails, and who reads there chooses', async () => {
    const email = `${randomUUID()}@example.com`
    const mine = await squat(email)
    const theirs = await squat(email)
    await forgot(email)
    const links = await linksTo(email, 2)
    expect([...links.keys()].sort()).toEqual([mine.username, theirs.username].sort())
    const [mail] = await mailsTo(email)
    expect(mail?.text).toMatch(/made on \d{4}-\d\d-\d\d at \d\d:\d\d UTC/)
    const password = newPassword()
    expect((await reset(links.get(mine.username), password)).status).toBe(200)
    expect((await reset(links.get(theirs.username), newPassword())).status).toBe(400)
    expect((await signIn(email, password)).body.user_id).toBe(mine.id)
  })

  it('get a link to confirm each, and who reads there chooses', async () => {
    const email = `${randomUUID()}@example.com`
    const [mine, theirs] = [await squat(email), await squat(email)]
    await sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
      where user_id in (${mine.id}, ${theirs.id})`
    const asked = await call('/api/auth/resend-verification', {
      json: { email },
      baseUrl: baseUrl(),
    })
    expect(asked.status).toBe(202)
    const confirming = async () =>
      (await mailsTo(email)).filter(({ subject }) => /Confirm/.test(subject))
    await waitFor(async () => (await confirming()).length >= 4)
    const newest = (await confirming()).slice(0, 2)
    const links = new Map(
      newest.map((mail) => [/the account "([^"]+)"/.exec(mail.text)?.[1] ?? '', tokenIn(mail)]),
    )
    expect([...links.keys()].sort()).toEqual([mine.username, theirs.username].sort())
    const confirm = (username: string) =>
      call('/api/auth/verify-email', {
        json: { token: links.get(username) },
        baseUrl: baseUrl(),
      })
    expect((await confirm(mine.username)).status).toBe(200)
    expect((await confirm(theirs.username)).status).toBe(409)
  })
})

describe('an address that was confirmed by its link alone', () => {
  const confirm = async (email: string, token?: string) =>
    call('/api/auth/verify-email', {
      json: { token: tokenIn(await mailTo(email, /Confirm/)) },
      baseUrl: baseUrl(),
      ...(token && { token }),
    })
  const googleOf = (email: string) => googleUser({ email, email_verified: true })

  it('does not lead a later social login into the account of whoever made it', async () => {
    const email = `${randomUUID()}@example.com`
    const squatter = await squat(email)
    expect((await mailTo(email, /Confirm/)).text).toContain(`the account "${squatter.username}"`)
    expect((await confirm(email)).status).toBe(200)
    idp.next(googleOf(email))
    const refused = await new Browser(worker.url).login('google', '', 'application/json')
    expect(refused).toMatchObject({ status: 409, body: { code: 'email_taken' } })

    const key = await keyOf(squatter.token)
    await forgot(email)
    await reset((await linksTo(email, 1)).get(squatter.username), newPassword())
    expect(await status(key)).toBe(401)
    idp.next(googleOf(email))
    expect((await login('google')).user_id).toBe(squatter.id)
    expect(await status(squatter.token)).toBe(401)
  })

  it('does so where the person was signed in when they confirmed it', async () => {
    const person = await newPerson(worker.url)
    expect((await confirm(person.email, person.token)).status).toBe(200)
    idp.next(googleOf(person.email))
    expect((await login('google')).user_id).toBe(person.id)
    expect(await status(person.token)).toBe(200)
  })

  it('ends by a new password also what was added after it, an authenticator app, too', async () => {
    const squatter = await squat(`${randomUUID()}@example.com`)
    expect((await confirm(squatter.email)).status).toBe(200)
    await enrol(squatter, baseUrl())
    await forgot(squatter.email)
    const password = newPassword()
    await reset((await linksTo(squatter.email, 1)).get(squatter.username), password)
    const mine = await signIn(squatter.username, password)
    expect(mine.body).toMatchObject({ access_token: expect.any(String) })
    expect((await signIn(squatter.username, squatter.password)).status).toBe(401)
  })

  it('becomes proven by the link that comes with an authenticator app, which stays then', async () => {
    const person = await squat(`${randomUUID()}@example.com`)
    expect((await confirm(person.email)).status).toBe(200)
    await sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
      where user_id = ${person.id}`
    await enrol(person, baseUrl())
    const links = async () =>
      (await mailsTo(person.email)).filter(({ subject }) => /Confirm your e-mail/.test(subject))
    await waitFor(async () => (await links()).length === 2)
    const [newest] = await links()
    const again = await call('/api/auth/verify-email', {
      json: { token: newest && tokenIn(newest) },
      token: person.token,
      baseUrl: baseUrl(),
    })
    expect(again.status).toBe(200)
    await forgot(person.email)
    const password = newPassword()
    await reset((await linksTo(person.email, 1)).get(person.username), password)
    expect((await signIn(person.username, password)).body).toMatchObject({ mfa_required: true })
  })

  it('nor where somebody else was signed in', async () => {
    const person = await newPerson(worker.url)
    const other = await newPerson(worker.url)
    expect((await confirm(person.email, other.token)).status).toBe(200)
    idp.next(googleOf(person.email))
    const refused = await new Browser(worker.url).login('google', '', 'application/json')
    expect(refused.status).toBe(409)
  })
})
