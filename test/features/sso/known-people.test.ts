import { describe, expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql, waitFor } from '../../support/stack.ts'
import { closed, googleUser, idp, linuxdoUser, login, setStage, worker } from './identity-stage.ts'

setStage()

describe('what Linux.do says about a person', () => {
  it('is taken over at each sign-in: trust level and silence, both ways', async () => {
    const user = linuxdoUser({ trust_level: 1, active: true, silenced: true })
    idp.next(user)
    const first = await login('linuxdo')
    const me = async () =>
      (await call('/api/auth/me', { token: first.access_token, baseUrl: worker.url })).body
    expect(await me()).toMatchObject({ trust_level: 1, is_silenced: true })
    idp.next({ userInfo: { ...user.userInfo, trust_level: 9, silenced: false } })
    await login('linuxdo')
    expect(await me()).toMatchObject({ trust_level: 4, is_silenced: false })
  })

  it('does not lift a silence that somebody here has imposed', async () => {
    const user = linuxdoUser({ active: true, silenced: false })
    idp.next(user)
    const { user_id } = await login('linuxdo')
    await sql`update users set is_silenced = true where id = ${user_id}`
    await login('linuxdo')
    idp.next({ userInfo: { ...user.userInfo, silenced: true } })
    await login('linuxdo')
    idp.next(user)
    await login('linuxdo')
    const [row] = await sql`select is_silenced from users where id = ${user_id}`
    expect(row).toEqual({ is_silenced: true })
  })

  it('disables the account while the one there is, and never one that was disabled here', async () => {
    const user = linuxdoUser({ active: true })
    idp.next(user)
    const { access_token, user_id } = await login('linuxdo')
    const key = (
      await call('/api/api-keys', { token: access_token, json: {}, baseUrl: worker.url })
    ).body.key as string
    const keyStatus = async () =>
      (await call('/api/auth/me', { token: key, baseUrl: worker.url })).status
    // The gate has a copy of the person, which the change must not leave behind.
    await waitFor(async () => {
      const copy = await redis<string | null>('GET', `person:${user_id}`)
      if (copy?.startsWith('{')) return true
      if (copy === '-') await redis('DEL', `person:${user_id}`)
      expect(await keyStatus()).toBe(200)
      return false
    })

    idp.next({ userInfo: { ...user.userInfo, active: false } })
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
    expect(await keyStatus()).toBe(403)
    idp.next(user)
    await login('linuxdo')
    expect(await keyStatus()).toBe(200)

    await sql`update users set is_active = false where id = ${user_id}`
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
  })

  it('does not lift a ban that came on top', async () => {
    const user = linuxdoUser({ active: true })
    idp.next(user)
    const { user_id } = await login('linuxdo')
    idp.next({ userInfo: { ...user.userInfo, active: false } })
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
    await sql`update users set is_active = false, banned_at = now() where id = ${user_id}`
    idp.next(user)
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
  })

  it('registers nobody who is not active there', async () => {
    const user = linuxdoUser({ active: false })
    idp.next(user)
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
    expect(await sql`select 1 from identities where subject = ${String(user.userInfo.id)}`).toEqual(
      [],
    )
  })
})

describe('a server that registers nobody', () => {
  it('says so to strangers and lets its people in', async () => {
    idp.next(googleUser())
    await expect(login('google', closed.url)).rejects.toThrow(/403.*registration_closed/)
    const known = await login('google')
    expect((await login('google', closed.url)).user_id).toBe(known.user_id)

    const person = await newPerson(worker.url)
    await sql`update users set email_verified_at = now() where id = ${person.id}`
    idp.next(googleUser({ email: person.email, email_verified: true }))
    expect((await login('google', closed.url)).user_id).toBe(person.id)
  })
})
