import { expect, it } from 'vitest'
import { call, newPerson, stack } from '../support/stack.ts'
import { openPage } from './browser.ts'

/** A person who has forgotten their password, with nothing but a browser and a mailbox. */
it('leads from "forgotten" over the mail to a new password', async () => {
  const person = await newPerson()
  const forgotten = await openPage('/forgot-password')
  await forgotten.page.locator('[name=email]').fill(person.email)
  await forgotten.page.locator('button[type=submit]').click()
  await forgotten.page.getByText('a mail is on its way').waitFor()
  expect(forgotten.complaints).toEqual([])
  await forgotten.page.close()

  const link = await linkMailedTo(person.email, 'reset-password')
  const reset = await openPage(link)
  expect(reset.page.url()).not.toContain('token')
  await reset.page.locator('[name=new_password]').fill('password1')
  const refused = reset.page.waitForResponse(/\/api\/auth\/reset-password/)
  await reset.page.locator('button[type=submit]').click()
  await reset.page.getByText(/common|guess/i).waitFor()
  // The page says it by itself; the next try must not come before the server has.
  expect((await refused).status()).toBe(422)
  await reset.page.locator('[name=new_password]').fill('a completely new secret')
  await reset.page.locator('button[type=submit]').click()
  await reset.page.locator('form').waitFor({ state: 'hidden' })
  const json = { username: person.username, password: 'a completely new secret' }
  expect((await call('/api/auth/login', { json })).status).toBe(200)
  await reset.page.close()

  const again = await openPage(link)
  await again.page.locator('[name=new_password]').fill('another completely new one')
  await again.page.locator('button[type=submit]').click()
  await again.page.getByText(/link/i).last().waitFor()
  expect(await again.page.locator('form').isVisible()).toBe(true)
  await again.page.close()
})

it('confirms an address, and says so when a link is not complete', async () => {
  const person = await newPerson()
  const { page, complaints } = await openPage(await linkMailedTo(person.email, 'verify-email'))
  await page.locator('button[type=submit]').click()
  await page.locator('form').waitFor({ state: 'hidden' })
  expect((await call('/api/auth/me', { token: person.token })).body).toMatchObject({
    is_verified: true,
  })
  expect(complaints).toEqual([])
  await page.close()

  const cut = await openPage('/verify-email')
  await cut.page.getByText('This link is not complete').waitFor()
  expect(await cut.page.locator('button[type=submit]').isDisabled()).toBe(true)
  await cut.page.close()
})

/** The link in the newest mail to somebody, from the local stack's outbox. */
async function linkMailedTo(address: string, page: string): Promise<string> {
  let link: string | undefined
  await expect
    .poll(
      async () => {
        const text = await (await fetch(stack.mailUrl)).text()
        const mail = text
          .split('<article>')
          .find((part) => part.includes(address) && part.includes(`/${page}#token=`))
        link = mail?.match(new RegExp(`/${page}#token=[\\w-]+`))?.[0]
        return link
      },
      { timeout: 15_000 },
    )
    .toBeDefined()
  return link ?? ''
}
