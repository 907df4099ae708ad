import { expect, it } from 'vitest'
import { post } from '../features/oauth/support.ts'
import { newAdmin } from '../support/admin.ts'
import { enrol } from '../support/second-factor.ts'
import { call, newPerson } from '../support/stack.ts'
import { expectAccessible, expectNoOverflow, open, openOnce, signIn, visitor } from './console.ts'

const PAGES = [
  ['', 'Administration'],
  ['/people', 'People'],
  ['/models', 'Models'],
  ['/applications', 'Applications'],
  ['/jobs', 'Jobs'],
  ['/audit', 'Audit log'],
  ['/signing-keys', 'Signing keys'],
  ['/settings', 'Settings'],
] as const

it.each([
  ['a phone', { width: 390, height: 844 }],
  ['a desk', { width: 1280, height: 900 }],
])('every page of the administration is whole on %s', { timeout: 120_000 }, async (_, viewport) => {
  const admin = await newAdmin()
  const { context, page, complaints } = await visitor({ viewport })
  await signIn(page, admin)
  for (const [path, title] of PAGES) {
    expect(await openOnce(page, `/console/admin${path}`), path).toEqual([])
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    await expectAccessible(page)
    await expectNoOverflow(page)
  }
  expect(complaints).toEqual([])
  await context.close()
})

it('somebody is found, banned with a reason, and let in again', async () => {
  const admin = await newAdmin()
  const person = await newPerson()
  const { context, page, complaints } = await visitor({ viewport: { width: 1280, height: 900 } })
  await signIn(page, admin)
  await open(page, '/console/admin/people')
  await page.getByRole('searchbox').fill(person.username)
  await page.getByRole('link', { name: person.username }).click()
  await page.getByRole('button', { name: 'Ban' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('spam')
  await dialog.getByRole('button', { name: 'Ban' }).click()
  await page.getByText('Banned').first().waitFor()
  await page.getByText('spam').first().waitFor()

  const theirs = await visitor()
  theirs.expectFailure('/api/auth/login', 403)
  await open(theirs.page, '/login')
  await theirs.page.locator('[name=username]').fill(person.username)
  await theirs.page.locator('[name=password]').fill(person.password)
  await theirs.page.locator('button[type=submit]').click()
  await theirs.page.getByText(/banned: spam/).waitFor()

  await page.getByRole('button', { name: 'Lift the ban' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Lift the ban' }).click()
  await page.getByRole('button', { name: 'Ban' }).waitFor()
  await signIn(theirs.page, person)
  expect([...complaints, ...theirs.complaints]).toEqual([])
  await context.close()
  await theirs.context.close()
})

it('one person: what they have is shown, and what is done about them acts', async () => {
  const person = await enrol(await newPerson())
  const login = () =>
    call<Record<string, unknown>>('/api/auth/login', {
      json: { username: person.username, password: person.password },
    })
  await call('/api/api-keys', { token: person.token, json: { name: 'Terminal' } })
  const { context, page, complaints, expectFailure } = await visitor({
    viewport: { width: 390, height: 844 },
  })
  await signIn(page, await newAdmin())
  expect(await openOnce(page, `/console/admin/people/${person.id}`)).toEqual([])
  await page.getByText('Terminal').waitFor()
  await page.getByText('Usable accounts: 0 lent to everybody, 0 of their own.').waitFor()
  await expectAccessible(page)
  await expectNoOverflow(page)

  const dialog = page.getByRole('dialog')
  const act = async (name: string) => {
    await page.getByRole('button', { name }).click()
    await dialog.getByRole('button', { name }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('Done.').waitFor()
  }
  for (let attempt = 0; attempt < 6; attempt++)
    await call('/api/auth/login', { json: { username: person.username, password: 'a guess' } })
  expect((await login()).status).toBe(429)
  await act('Unlock')
  expect((await login()).body).toMatchObject({ mfa_required: true })
  await act('Take the second factor away')
  await page
    .getByRole('button', { name: 'Take the second factor away' })
    .waitFor({ state: 'hidden' })
  expect((await login()).body).toHaveProperty('access_token')
  await act('Sign out everywhere')
  await page.getByText('Nowhere at the moment.').waitFor()
  expect((await call('/api/auth/me', { token: person.token })).status).toBe(401)

  // What is wrong is said at the field, and what was typed stays.
  expectFailure('/ban', 422)
  await page.getByRole('button', { name: 'Ban' }).click()
  await dialog.getByLabel('Reason').fill('sold keys')
  await dialog.getByLabel('Until').fill('2020-01-01T10:00')
  await dialog.getByRole('button', { name: 'Ban' }).click()
  await dialog.getByText('Must lie in the future.').waitFor()
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('sold keys')
  await dialog.getByLabel('Until').fill('2040-01-01T10:00')
  await dialog.getByRole('button', { name: 'Ban' }).click()
  await page.getByText(/^until Jan 1, 2040, 10:00.*Reason: sold keys$/).waitFor()
  expect(complaints).toEqual([])
  await context.close()
})

it('an application is added, given another secret, switched off and deleted', async () => {
  const { context, page, complaints } = await visitor({ viewport: { width: 390, height: 844 } })
  await signIn(page, await newAdmin())
  await open(page, '/console/admin/applications')
  const name = `A shop ${Date.now()}`
  await page.getByRole('button', { name: 'Add an application' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Redirect addresses').fill('https://shop.example.com/callback')
  await expectAccessible(page)
  await expectNoOverflow(page)
  await dialog.getByRole('button', { name: 'Add an application' }).click()
  await dialog.getByText('shown now and never again').waitFor()
  await expectAccessible(page)
  const idOf = async () => (await dialog.locator('code').allTextContents()) as [string, string]
  const [client_id, first] = await idOf()
  await dialog.getByRole('button', { name: 'Done' }).click()
  const row = page.getByRole('row').filter({ hasText: name })
  const ask = async (secret: string) => {
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id }
    return (await post('/oauth/token', { ...form, client_secret: secret })).body.error
  }
  // It proves who it is, and has no refresh token.
  expect(await ask(first)).toBe('invalid_grant')

  await row.getByRole('button', { name: 'New secret' }).click()
  await dialog.getByRole('button', { name: 'New secret' }).click()
  await dialog.getByText('shown now and never again').waitFor()
  const [, second] = await idOf()
  expect(second).not.toBe(first)
  expect([await ask(first), await ask(second)]).toEqual(['invalid_grant', 'invalid_grant'])
  await dialog.getByRole('button', { name: 'Done' }).click()

  await row.getByRole('button', { name: 'Switch off' }).click()
  await row.getByText('off', { exact: true }).waitFor()
  expect(await ask(second)).toBe('invalid_client')
  await row.getByRole('button', { name: 'Switch on' }).click()
  await row.getByText('active', { exact: true }).waitFor()
  await row.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await row.waitFor({ state: 'detached' })
  expect(await ask(second)).toBe('invalid_client')
  expect(complaints).toEqual([])
  await context.close()
})

it('settings are found by name, and secrets are not shown', async () => {
  const { context, page, complaints } = await visitor()
  await signIn(page, await newAdmin())
  await open(page, '/console/admin/settings')
  await page.getByRole('searchbox').fill('jwt_secret')
  const row = page.getByRole('row').filter({ hasText: 'JWT_SECRET_KEY' })
  await row.getByText('secret', { exact: true }).waitFor()
  expect(await page.getByRole('row').count()).toBe(2)
  await page.getByRole('searchbox').fill('nothing of that name')
  await page.getByText('No setting is found').waitFor()
  expect(complaints).toEqual([])
  await context.close()
})

it('whoever is no administrator finds no such page', async () => {
  const { context, page, complaints } = await visitor()
  await signIn(page, await newPerson())
  expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0)
  await open(page, '/console/admin/settings')
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  expect(complaints).toEqual([])
  await context.close()
})
