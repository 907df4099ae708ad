import { expect, it } from 'vitest'
import { mailTo } from '../support/mail.ts'
import { redis } from '../support/redis.ts'
import { codeOf, letStepsPass } from '../support/second-factor.ts'
import { newPerson } from '../support/stack.ts'
import { expectAccessible, expectNoOverflow, open, signIn, visitor } from './console.ts'

const PHONE = { viewport: { width: 390, height: 844 } }

/** As if all sign-ins had been long ago. */
async function ageSessions(userId: number): Promise<void> {
  for (const id of await redis<string[]>('ZRANGE', `user-sessions:${userId}`, 0, -1))
    await redis('HSET', `session:${id}`, 'auth', 1)
}

it('an authenticator app is added, asked for at the next sign-in, and taken away', {
  timeout: 120_000,
}, async () => {
  const person = await newPerson()
  const { context, page, complaints, expectFailure } = await visitor(PHONE)
  // Where the proof is asked for, the first try is refused.
  expectFailure('/api/auth/mfa', 403)
  await signIn(page, person)
  await open(page, '/console/profile')
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  const dialog = page.getByRole('dialog')
  const secret = await dialog.locator('code').textContent()
  await dialog.getByRole('img', { name: 'Picture for the authenticator app' }).waitFor()
  await expectAccessible(page)
  await expectNoOverflow(page)
  await dialog.getByLabel('Code').fill(codeOf(secret ?? ''))
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await dialog.getByText('Each works once').waitFor()
  const recoveryCode = (await dialog.locator('.codes code').first().textContent()) ?? ''
  await dialog.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText('An authenticator app guards your account').waitFor()

  await page.getByRole('button', { name: /menu/i }).click()
  await page.getByRole('button', { name: `Sign out ${person.username}` }).click()
  await page.waitForURL(/\/login/)
  await letStepsPass(person)
  await page.locator('[name=username]').fill(person.username)
  await page.locator('[name=password]').fill(person.password)
  await page.locator('button[type=submit]').click()
  await page.getByRole('heading', { name: 'Second step' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
  await page.getByLabel('Recovery code').fill(recoveryCode)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.locator('.shell').waitFor()

  await open(page, '/console/profile')
  await page.getByRole('button', { name: 'Remove the app' }).click()
  await dialog.getByRole('button', { name: 'Remove the app' }).click()
  // The sign-in is recent, but the app has to say something, too.
  await dialog.getByLabel('Password').fill(person.password)
  await dialog.getByLabel('Code from your authenticator app').fill(codeOf(secret ?? ''))
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('makes a stolen password worthless').waitFor()
  expect(complaints).toEqual([])
  await context.close()
})

it('whoever signed in long ago says again who they are before the address changes', async () => {
  const person = await newPerson()
  const { context, page, complaints, expectFailure } = await visitor()
  expectFailure('/api/auth/change-email', 403)
  await signIn(page, person)
  await ageSessions(person.id)
  await open(page, '/console/profile')
  const address = `new-${person.username}@example.com`
  await page.getByLabel('New address').fill(address)
  await page.getByRole('button', { name: 'Change the address' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Password').fill('not mine')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('Password').fill(person.password)
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('Mails are on their way').waitFor()
  expect((await mailTo(address, /./)).text).toContain('#token=')
  expect(complaints).toEqual([])
  await context.close()
})
