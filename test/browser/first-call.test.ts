import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { newPerson, stack } from '../support/stack.ts'
import { expectAccessible, expectNoOverflow, open, signIn, visitor } from './console.ts'

/** From nothing to an answer in one's own client, by the pages alone. */

/** Agrees on the page that opens. @returns the address on which a browser ends there */
async function consent(page: Page): Promise<string> {
  const opening = page.context().waitForEvent('page')
  await page.getByRole('link', { name: 'Open the consent page' }).click()
  const provider = await opening
  await provider.locator('[name=email]').fill(`${randomUUID()}@example.com`)
  await provider.getByRole('button', { name: 'Approve' }).click()
  const address = await provider.locator('code').textContent()
  await provider.close()
  return address ?? ''
}

it.each([
  ['on a phone', { width: 390, height: 844 }],
  ['on a desk', { width: 1280, height: 900 }],
])(
  'a newcomer brings an account, makes a key, and sees the answer come, %s',
  {
    timeout: 120_000,
  },
  async (_, viewport) => {
    const person = await newPerson()
    const { context, page, complaints } = await visitor({ viewport })
    // The provider's pages are not ours.
    const ours = () =>
      complaints.filter((one) => !one.includes(new URL(stack.pluginUrl).host) && !/code=/.test(one))
    await signIn(page, person)
    await page.getByText('The first call').waitFor()
    await expectAccessible(page)

    await open(page, '/console/accounts')
    await page.getByRole('button', { name: 'Bring an account' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Keep it to yourself').click()
    await dialog.locator('button[type=submit]').click()
    const address = await consent(page)
    await dialog.getByLabel('The address that you landed on').fill(address)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Complete' }).click()
    await page.getByText('Yours alone').waitFor()
    await expectNoOverflow(page)

    await open(page, '/console/keys')
    await page.getByRole('button', { name: 'Make a key' }).first().click()
    await dialog.getByLabel('Name').fill('Terminal')
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText('It is shown only now').waitFor()
    const key = (await dialog.locator('code').first().textContent()) ?? ''
    expect(key).toMatch(/^sk-/)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByText('Not used yet').waitFor()

    await open(page, '/console')
    await page.getByText('Waiting for your first call').waitFor()
    const answer = await fetch(`${stack.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gemini-3-pro-high',
        messages: [{ role: 'user', content: 'Hello!' }],
      }),
    })
    expect(answer.status).toBe(200)
    // The page sees it by itself.
    await page.getByRole('link', { name: 'Look at it' }).waitFor({ timeout: 30_000 })

    await open(page, '/console/chat')
    await page.getByRole('textbox', { name: 'Message' }).fill('Say something kind')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText(/Request id/).waitFor({ timeout: 30_000 })
    await page.getByText(/ units$/).waitFor({ timeout: 30_000 })
    expect(await page.locator('.said.assistant .said-text').textContent()).not.toBe('')
    await expectAccessible(page)
    await expectNoOverflow(page)
    expect(ours()).toEqual([])
    await context.close()
  },
)
