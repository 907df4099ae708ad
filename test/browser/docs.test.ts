import { describe, expect, it } from 'vitest'
import { newPerson, stack } from '../support/stack.ts'
import { openPage } from './browser.ts'

/** The pages of the API description, and the stand-in's own, in a real browser. */

describe('Swagger UI', () => {
  it('shows the API and signs in with it', async () => {
    const person = await newPerson()
    const { page, complaints } = await openPage('/api/docs')
    const login = page.locator('#operations-Sign-in-login')
    await page.locator('.opblock').first().waitFor()
    // Of a long description only what is in sight is drawn.
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 400)
        return login.isVisible()
      })
      .toBe(true)
    await login.locator('.opblock-summary').click()
    await login.getByRole('button', { name: 'Try it out' }).click()
    await login
      .locator('textarea')
      .fill(JSON.stringify({ username: person.username, password: person.password }))
    await login.getByRole('button', { name: 'Execute' }).click()
    await login
      .locator('.live-responses-table .response-col_status', { hasText: '200' })
      .first()
      .waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('ReDoc', () => {
  it('shows the API', async () => {
    const { page, complaints } = await openPage('/api/redoc')
    await page.locator('h2', { hasText: 'Who am I' }).waitFor()
    expect(await page.getByText('OpenAI-compatible').count()).toBeGreaterThan(0)
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe("the stand-in's consent page", () => {
  it('gives the address to hand in', async () => {
    const person = await newPerson()
    const headers = { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' }
    await expect
      .poll(async () => {
        const response = await fetch(`${stack.baseUrl}/api/plugin-api/key`, { headers })
        return ((await response.json()) as { state: string }).state
      })
      .toBe('ready')
    const response = await fetch(`${stack.baseUrl}/api/plugin-api/oauth/authorize`, {
      method: 'POST',
      headers,
      body: '{}',
    })
    const { data } = (await response.json()) as { data: { auth_url: string } }

    const { page } = await openPage(data.auth_url)
    expect(await page.textContent('body')).toMatch(/development/i)
    await page.locator('input[name=email]').fill(`${person.username}@example.com`)
    await page.locator('button[value=approve]').click()
    const address = await page.locator('code').textContent()
    const done = await fetch(`${stack.baseUrl}/api/plugin-api/oauth/callback`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ callback_url: address }),
    })
    expect(done.status).toBe(200)
    await page.close()
  })
})
