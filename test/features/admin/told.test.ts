import { beforeAll, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { call, newPerson, type TestPerson } from '../../support/stack.ts'

let admin: TestPerson
beforeAll(async () => {
  admin = await newAdmin()
})

it('a banned person is told why and until when, whoever does not know the password is not', async () => {
  const person = await newPerson()
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const path = `/api/admin/users/${person.id}/ban`
  expect((await asAdmin(admin)('POST', path, { reason: 'spam', until })).status).toBe(200)
  const login = (password: string) =>
    call('/api/auth/login', { json: { username: person.username, password } })
  const told = await login(person.password)
  expect(told.status).toBe(403)
  expect(told.body.detail).toContain(`until ${until}: spam`)
  expect(JSON.stringify((await login('wrong')).body)).not.toContain('spam')
})

it('administrators neither ban nor switch off themselves, alone or not', async () => {
  await newAdmin()
  const path = `/api/admin/users/${admin.id}`
  for (const answer of [
    await asAdmin(admin)('POST', `${path}/ban`, {}),
    await asAdmin(admin)('PUT', path, { is_active: false }),
  ])
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await call('/api/auth/me', { token: admin.token })).status).toBe(200)
})

it('people are found by q, skip and limit', async () => {
  const person = await newPerson()
  const find = async (query: string) =>
    (await asAdmin(admin)<{ items: { id: number }[] }>('GET', `/api/admin/users?${query}`)).body
      .items
  expect((await find(`q=${person.username}&skip=0&limit=5`)).map(({ id }) => id)).toEqual([
    person.id,
  ])
  expect(await find(`q=${person.username}&skip=1&limit=5`)).toEqual([])
})
