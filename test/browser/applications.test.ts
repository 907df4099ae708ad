import { createServer } from 'node:net'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { startDemo } from '../../dev/demo/application.ts'
import { newClient } from '../features/oauth/support.ts'
import { MODEL } from '../support/chat.ts'
import { call, newChatter, newPerson, stack, type TestPerson } from '../support/stack.ts'
import { expectAccessible, expectNoOverflow, open, signIn, visitor } from './console.ts'

/** Letting applications in, by the pages that people see. */

const PHONE = { viewport: { width: 390, height: 844 } }

async function fillIn(page: Page, person: TestPerson): Promise<void> {
  await page.waitForURL(/\/login\?return_to=/)
  await page.locator('[name=username]').fill(person.username)
  await page.locator('[name=password]').fill(person.password)
  await page.locator('button[type=submit]').click()
}

it('signs a person in to another application, which asks a model for them', async () => {
  const person = await newChatter()
  const port = await freePort()
  const client = await newClient({
    name: 'A demo',
    redirect_uris: [`http://127.0.0.1:${port}/callback`],
  })
  const demo = await startDemo({
    issuer: stack.baseUrl,
    clientId: client.client_id,
    clientSecret: client.client_secret ?? '',
    model: MODEL,
    port,
  })
  const { context, page } = await visitor(PHONE)
  try {
    await page.goto(demo.url)
    await fillIn(page, person)
    await page.getByText('A demo asks for access to your account.').waitFor()
    await page.getByText('call models for you').waitFor()
    await expectAccessible(page)
    await expectNoOverflow(page)
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByText(`Hello ${person.username}. The model says:`).waitFor()
    expect(await page.textContent('body')).not.toContain('nothing (')

    // It is not asked again, and can be taken back.
    await page.goto(demo.url)
    await page.getByText(`Hello ${person.username}.`).waitFor()
    await open(page, '/console/profile')
    await page.getByText('A demo').waitFor()
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click()
    await page.getByText('You have let no application in.').waitFor()
    await page.goto(demo.url)
    await page.getByRole('button', { name: 'Do not allow' }).click()
    await page.waitForURL(/\/callback\?error=access_denied/)
  } finally {
    await context.close()
    await demo.close()
  }
})

it('lets a program in by its code, in Chinese', async () => {
  const person = await newPerson()
  const client = await newClient({
    name: '命令行',
    auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
  })
  const { body } = await call<Record<string, string>>('/oauth/device_authorization', {
    method: 'POST',
    text: `client_id=${client.client_id}&scope=chat`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  const { context, page, complaints } = await visitor({ locale: 'zh-CN' })
  await signIn(page, person)
  await open(page, new URL(body.verification_uri_complete ?? '').pathname)
  await page.getByLabel('代码').fill(body.user_code ?? '')
  await page.getByRole('button', { name: '继续' }).click()
  await page.getByText('命令行 请求访问您的账号。').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: '允许', exact: true }).click()
  await page.getByText('已完成').waitFor()
  expect(complaints).toEqual([])
  await context.close()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
