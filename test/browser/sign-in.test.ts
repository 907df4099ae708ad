import { expect, it } from 'vitest'
import { newPerson, stack } from '../support/stack.ts'
import { expectAccessible, expectNoOverflow, open, signIn, visitor } from './console.ts'

/** Signing in, and what becomes of the session in many tabs. */

const PHONE = { viewport: { width: 390, height: 844 } }

it('leads from registering to the first page, in Chinese, on a phone', async () => {
  const { context, page, complaints } = await visitor({ locale: 'zh-CN', ...PHONE })
  await open(page, '/register')
  await page.getByRole('heading', { name: '注册账号' }).waitFor()
  const name = `u${Date.now().toString(36)}`
  await page.getByLabel('用户名').fill(name)
  await page.getByText('这个用户名可以使用。').waitFor()
  await page.getByLabel('密码').fill('password1')
  await page.getByText('这是最常见的密码之一').waitFor()
  await page.getByLabel('密码').fill('一个没人会猜到的长句子')
  await page.getByText('很好').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: '注册账号' }).click()
  await page.getByRole('heading', { name: `您好，${name}` }).waitFor()
  await expectAccessible(page)
  await expectNoOverflow(page)
  expect(complaints).toEqual([])
  await context.close()
})

it('says that a password is wrong, and keeps what was typed', async () => {
  const person = await newPerson()
  const { context, page, complaints, expectFailure } = await visitor()
  expectFailure('/api/auth/login', 401)
  await open(page, '/login')
  await page.locator('[name=username]').fill(person.username)
  await page.locator('[name=password]').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.locator('[name=username]').inputValue()).toBe(person.username)
  await expectAccessible(page)
  expect(complaints).toEqual([])
  await context.close()
})

it('leads back to where one was, and never to another site', async () => {
  const person = await newPerson()
  const { context, page, complaints } = await visitor()
  await open(page, '/console/usage')
  await page.waitForURL(/\/login\?return_to=/)
  await signIn(page, person)
  await page.waitForURL(/\/console\/usage$/)
  await page.reload()
  await page.getByRole('heading', { name: 'Usage' }).waitFor()
  for (const hostile of ['https://evil.example', '//evil.example', '/\\evil.example']) {
    await open(page, `/login?return_to=${encodeURIComponent(hostile)}`)
    await page.waitForURL(/\/console$/)
  }
  expect(complaints).toEqual([])
  await context.close()
})

it('renews one session for many tabs, and signs nobody out', { timeout: 180_000 }, async () => {
  const person = await newPerson()
  const { context, page, complaints } = await visitor()
  await signIn(page, person)
  const other = await context.newPage()
  await open(other, '/console')
  await other.locator('.shell').waitFor()
  for (let round = 0; round < 20; round++) {
    // A tab that loads has no token: both renew, at the same moment.
    await Promise.all([page.reload(), other.reload()])
    await Promise.all([page, other].map((tab) => tab.locator('.shell').waitFor()))
    await Promise.all([page, other].map((tab) => tab.getByText('What you may draw').waitFor()))
  }
  expect(page.url()).toMatch(/\/console$/)
  expect(other.url()).toMatch(/\/console$/)
  expect(complaints).toEqual([])
  await context.close()
})

it('survives being reloaded in the middle of a renewal', { timeout: 120_000 }, async () => {
  const person = await newPerson()
  const { context, page } = await visitor()
  await signIn(page, person)
  for (let round = 0; round < 5; round++) {
    const asked = page.waitForRequest(/auth\/refresh/)
    await page.reload({ waitUntil: 'commit' })
    await asked
    await page.reload()
    await page.locator('.shell').waitFor()
  }
  expect(page.url()).toMatch(/\/console$/)
  await context.close()
})

it('renews in the middle of a form what has expired, and nothing typed is lost', async () => {
  const person = await newPerson()
  const { context, page, complaints, expectFailure } = await visitor()
  expectFailure('/api/api-keys', 401)
  await signIn(page, person)
  await open(page, '/console/keys')
  await page.getByRole('button', { name: 'Make a key' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Typed before')
  const statuses: number[] = []
  page.on('response', (response) => {
    if (response.request().method() === 'POST' && /api-keys|refresh/.test(response.url()))
      statuses.push(response.status())
  })
  // The token that the page holds is none any more, as the server sees it.
  await page.route(
    '**/api/api-keys',
    (route) =>
      route.continue({
        headers: { ...route.request().headers(), authorization: 'Bearer expired' },
      }),
    { times: 1 },
  )
  await dialog.locator('button[type=submit]').click()
  await dialog.getByText('It is shown only now').waitFor()
  // Refused, renewed, and done: once.
  expect(statuses).toEqual([401, 200, 201])
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await page.getByText('Typed before').count()).toBe(1)
  expect(complaints).toEqual([])
  await context.close()
})

it('signs out in all tabs at once', async () => {
  const person = await newPerson()
  const { context, page, complaints } = await visitor()
  await signIn(page, person)
  const other = await context.newPage()
  await open(other, '/console/usage')
  await other.locator('.shell').waitFor()
  await page.getByRole('button', { name: /^Sign out/ }).click()
  await page.waitForURL(/\/login/)
  await other.waitForURL(/\/login/)
  await open(other, '/console')
  await other.waitForURL(/\/login/)
  expect(complaints).toEqual([])
  await context.close()
})

it('leads to the sign-in page when the session has ended elsewhere', async () => {
  const person = await newPerson()
  const { context, page, complaints, expectFailure } = await visitor()
  await signIn(page, person)
  await open(page, '/console/keys')
  await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor()
  // What is still being asked would find the session gone before anybody clicks.
  await page.waitForLoadState('networkidle')
  const sessions = await fetch(`${stack.baseUrl}/api/auth/logout-all`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}` },
  })
  expect(sessions.status).toBe(200)
  expectFailure('/api/', 401)
  await page.getByRole('link', { name: 'Usage' }).click()
  await page.waitForURL(/\/login\?return_to=%2Fconsole%2Fusage/)
  await signIn(page, person)
  await page.waitForURL(/\/console\/usage$/)
  expect(complaints).toEqual([])
  await context.close()
})

it('says how long a locked account stays locked', async () => {
  const person = await newPerson()
  const { context, page, expectFailure } = await visitor()
  expectFailure('/api/auth/login', 401)
  expectFailure('/api/auth/login', 429)
  await open(page, '/login')
  await page.locator('[name=username]').fill(person.username)
  for (let attempt = 0; attempt < 6; attempt++) {
    await page.locator('[name=password]').fill(`wrong ${attempt}`)
    const answered = page.waitForResponse(/auth\/login/)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await answered
  }
  await page.getByText(/try again in .* minutes/).waitFor()
  await context.close()
})

it('has a page for what does not exist, inside and outside', async () => {
  const person = await newPerson()
  const { context, page, complaints, expectFailure } = await visitor()
  expectFailure('/nowhere', 404)
  await open(page, '/nowhere')
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await expectAccessible(page)
  await signIn(page, person)
  await open(page, '/console/nowhere')
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  expect(complaints).toEqual([])
  await context.close()
})
