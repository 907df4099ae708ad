import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { mailsTo, mailTo } from '../../support/mail.ts'
import { call, newPerson, sql } from '../../support/stack.ts'

let as: ReturnType<typeof asAdmin>

beforeAll(async () => {
  as = asAdmin(await newAdmin())
})

const PASSWORD = /password was changed/
const ADDRESS = /e-mail address was changed/
const notices = async (address: string) =>
  (await mailsTo(address)).filter(({ subject }) => PASSWORD.test(subject) || ADDRESS.test(subject))
const newAddress = () => `${randomUUID()}@example.com`

describe('whoever gets', () => {
  it('a new password reads of it', async () => {
    const person = await newPerson()
    await as('PUT', `/api/admin/users/${person.id}`, { password: randomUUID() })
    expect((await mailTo(person.email, PASSWORD)).text).toContain('If it was not you')
    expect(await notices(person.email)).toHaveLength(1)
  })

  it('one by their name does, too', async () => {
    const person = await newPerson()
    await as('PUT', '/api/users/update_password', {
      username: person.username,
      new_password: randomUUID(),
    })
    expect(await mailTo(person.email, PASSWORD)).toBeDefined()
  })

  it('a new address, or none, reads of it where they have read so far', async () => {
    for (const email of [newAddress(), null]) {
      const person = await newPerson()
      await as('PUT', `/api/admin/users/${person.id}`, { email })
      expect(await mailTo(person.email, ADDRESS)).toBeDefined()
      if (email) expect(await mailsTo(email)).toEqual([])
    }
  })

  it('both reads of both at the old address', async () => {
    const person = await newPerson()
    const email = newAddress()
    await as('PUT', `/api/admin/users/${person.id}`, { email, password: randomUUID() })
    await mailTo(person.email, PASSWORD)
    await mailTo(person.email, ADDRESS)
    expect(await mailsTo(email)).toEqual([])
  })

  it('nothing of it reads nothing', async () => {
    const person = await newPerson()
    const others = await newPerson()
    const { status } = await as('PUT', `/api/admin/users/${person.id}`, {
      password: randomUUID(),
      username: others.username,
    })
    expect(status).toBe(409)
    await as('PUT', `/api/admin/users/${person.id}`, { email: person.email, trust_level: 1 })
    await as('PUT', `/api/admin/users/${person.id}`, { password: randomUUID() })
    await mailTo(person.email, PASSWORD)
    expect(await notices(person.email)).toHaveLength(1)
  })
})

describe('an address', () => {
  it('that is not there is not confirmed', async () => {
    const person = await newPerson()
    const without = await call<{ id: number }>('/api/auth/register', {
      json: { username: `n${randomUUID().slice(0, 10)}`, password: `pw-${randomUUID()}` },
    })
    for (const [id, json] of [
      [without.body.id, { is_verified: true }],
      [person.id, { is_verified: true, email: null }],
    ] as const) {
      const answer = await as('PUT', `/api/admin/users/${id}`, json)
      expect(answer).toMatchObject({
        status: 422,
        body: { code: 'validation_failed', errors: [{ path: 'is_verified' }] },
      })
      const [row] = await sql`select email_verified_at from users where id = ${id}`
      expect(row?.email_verified_at).toBeNull()
    }
    const given = await as('PUT', `/api/admin/users/${without.body.id}`, {
      is_verified: true,
      email: newAddress(),
    })
    expect(given).toMatchObject({ status: 200, body: { is_verified: true } })
    expect((await as('PUT', `/api/admin/users/${person.id}`, { is_verified: false })).status).toBe(
      200,
    )
  })
})
