import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { newPerson, stack } from '../support/stack.ts'
import { expectAccessible, expectNoOverflow, open, signIn, visitor } from './console.ts'

/** From nothing to an answer in one's own client, by the pages alone. */

const ENGLISH = {
  firstCall: 'The first call',
  bring: 'Bring an account',
  forMe: 'Keep it to yourself',
  openConsent: 'Open the consent page',
  address: 'The address that you landed on',
  complete: 'Complete',
  kept: 'Yours alone',
  makeKey: 'Make a key',
  name: 'Name',
  onlyNow: 'It is shown only now',
  done: 'Done',
  neverUsed: 'Not used yet',
  waiting: 'Waiting for your first call',
  look: 'Look at it',
  message: 'Message',
  send: 'Send',
  requestId: 'Request id',
  units: / units$/,
}

const CHINESE: typeof ENGLISH = {
  firstCall: '第一次调用',
  bring: '添加账号',
  forMe: '仅自用',
  openConsent: '打开授权页面',
  address: '您最后停留的地址',
  complete: '完成',
  kept: '仅自用',
  makeKey: '创建密钥',
  name: '名称',
  onlyNow: '它只显示这一次',
  done: '完成',
  neverUsed: '尚未使用',
  waiting: '正在等待您的第一次调用',
  look: '查看详情',
  message: '消息',
  send: '发送',
  requestId: '请求编号',
  units: / 单位$/,
}

/** Agrees on the page that opens. @returns the address on which a browser ends there */
async function consent(page: Page, link: string): Promise<string> {
  const opening = page.context().waitForEvent('page')
  await page.getByRole('link', { name: link }).click()
  const provider = await opening
  await provider.locator('[name=email]').fill(`${randomUUID()}@example.com`)
  await provider.getByRole('button', { name: 'Approve' }).click()
  const address = await provider.locator('code').textContent()
  await provider.close()
  return address ?? ''
}

it.each([
  ['on a phone, in Chinese', { viewport: { width: 390, height: 844 }, locale: 'zh-CN' }, CHINESE],
  ['on a desk', { viewport: { width: 1280, height: 900 } }, ENGLISH],
])(
  'a newcomer brings an account, makes a key, and sees the answer come, %s',
  {
    timeout: 120_000,
  },
  async (_, options, t) => {
    const person = await newPerson()
    const { context, page, complaints } = await visitor(options)
    // The provider's pages are not ours.
    const ours = () =>
      complaints.filter((one) => !one.includes(new URL(stack.pluginUrl).host) && !/code=/.test(one))
    await signIn(page, person)
    await page.getByRole('heading', { name: t.firstCall }).waitFor()
    await expectAccessible(page)

    await open(page, '/console/accounts')
    await page.getByRole('button', { name: t.bring }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(t.forMe).click()
    await dialog.locator('button[type=submit]').click()
    const address = await consent(page, t.openConsent)
    await dialog.getByLabel(t.address).fill(address)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: t.complete }).click()
    await page.getByText(t.kept).waitFor()
    await expectNoOverflow(page)

    await open(page, '/console/keys')
    await page.getByRole('button', { name: t.makeKey }).first().click()
    await dialog.getByLabel(t.name).fill('Terminal')
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText(t.onlyNow).waitFor()
    const key = (await dialog.locator('code').first().textContent()) ?? ''
    expect(key).toMatch(/^sk-/)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: t.done }).click()
    await page.getByText(t.neverUsed).waitFor()

    await open(page, '/console')
    await page.getByText(t.waiting).waitFor()
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
    await page.getByRole('link', { name: t.look }).waitFor({ timeout: 30_000 })

    await open(page, '/console/chat')
    await page.getByRole('textbox', { name: t.message }).fill('Say something kind')
    await page.getByRole('button', { name: t.send }).click()
    await page.getByText(t.requestId).waitFor({ timeout: 30_000 })
    await page.getByText(t.units).waitFor({ timeout: 30_000 })
    expect(await page.locator('.said.assistant .said-text').textContent()).not.toBe('')
    await expectAccessible(page)
    await expectNoOverflow(page)
    expect(ours()).toEqual([])
    await context.close()
  },
)
