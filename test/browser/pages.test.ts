import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../support/admin.ts'
import { type BehindChaos, workerBehindChaos } from '../support/behind-chaos.ts'
import { newPerson, type TestPerson } from '../support/stack.ts'
import {
  expectAccessible,
  expectNoOverflow,
  openOnce,
  settled,
  signIn,
  visitor,
} from './console.ts'

/** Every page of somebody's own: whole, sparing with the API, and honest when something is away. */

const PHONE = { viewport: { width: 390, height: 844 } }
const DESK = { viewport: { width: 1280, height: 900 } }

const PAGES = ['', '/keys', '/usage', '/accounts', '/pool', '/chat', '/profile'] as const

it.each([
  ['on a phone, in Chinese', { ...PHONE, locale: 'zh-CN' }],
  ['on a desk', DESK],
])('every page of a newcomer is whole %s', { timeout: 120_000 }, async (_, options) => {
  const { context, page, complaints, expectFailure } = await visitor(options)
  // Who has no account and no pool has no model to ask, which the page says in its own words.
  expectFailure('/v1/models', 403)
  await signIn(page, await newPerson())
  for (const path of PAGES) {
    expect(await openOnce(page, `/console${path}`), path).toEqual([])
    await expectAccessible(page)
    await expectNoOverflow(page)
    if (options.viewport === PHONE.viewport) expect(await englishOn(page), path).toEqual([])
  }
  expect(complaints).toEqual([])
  await context.close()
})

/** Texts of several English words; names of settings, of models and of clients are single ones. */
async function englishOn(page: Page): Promise<string[]> {
  // As it is laid out: what stands beside something else is not one line with it.
  const text = String(await page.evaluate("document.querySelector('main').innerText"))
  return text.split('\n').filter((line) => /\b[A-Za-z][a-z]+ [a-z]+ [a-z]+\b/.test(line))
}

describe('by keyboard alone', () => {
  it('somebody signs in, finds the page of keys, and makes one', async () => {
    const person = await newPerson()
    const { context, page, complaints } = await visitor(PHONE)
    const { keyboard } = page
    await openOnce(page, '/login')
    await tabTo(page.locator('[name=username]'))
    await keyboard.type(person.username)
    await tabTo(page.locator('[name=password]'))
    await keyboard.type(person.password)
    await keyboard.press('Enter')
    await page.locator('.shell').waitFor()
    await tabTo(page.getByRole('button', { name: 'Menu' }))
    await keyboard.press('Enter')
    await tabTo(page.getByRole('link', { name: 'Keys' }))
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor()
    // Who changes pages is at the beginning of the new one.
    expect(await hasFocus(page.locator('main'))).toBe(true)
    await settled(page)
    const opener = page.getByRole('button', { name: 'Make a key' }).first()
    await tabTo(opener)
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await keyboard.press('Escape')
    // By its element: closed it is no dialog any more, a moment before the page hears of it.
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await hasFocus(opener)).toBe(true)
    await keyboard.press('Enter')
    await tabTo(dialog.getByLabel('Name'))
    await keyboard.type('Typed')
    await keyboard.press('Enter')
    await dialog.getByText('It is shown only now').waitFor()
    await tabTo(dialog.getByRole('button', { name: 'Done' }))
    await keyboard.press('Enter')
    await page.getByText('Typed').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})

async function hasFocus(target: Locator): Promise<boolean> {
  return (await target.and(target.page().locator(':focus')).count()) > 0
}

/** Presses the tabulator until something has the focus. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 60; presses++) {
    if (await hasFocus(target)) return
    await target.page().keyboard.press('Tab')
  }
  throw new Error(`${target} is out of reach`)
}

describe('when a store is away or slow', () => {
  let own: BehindChaos
  let admin: TestPerson
  beforeAll(async () => {
    own = await workerBehindChaos()
    admin = await newAdmin(own.worker.url)
  })
  afterAll(() => own?.[Symbol.asyncDispose]())
  afterEach(() => {
    for (const store of [own.database, own.redis])
      Object.assign(store, { fault: 'none', delayMs: 0 })
  })

  const SAID = 'A part of the service is not available just now'

  /** Signed in, on a page that reads nothing. */
  async function inside() {
    const all = await visitor(DESK, own.worker.url)
    await all.page.goto(`${own.worker.url}/login`)
    await signIn(all.page, admin)
    await all.page.goto(`${own.worker.url}/console/nothing-here`)
    await all.page.getByRole('link', { name: 'People' }).waitFor()
    return all
  }

  it('what was typed stays, and is sent when the store is back', async () => {
    const { context, page, complaints, expectFailure } = await inside()
    expectFailure('/', 503)
    await page.getByRole('link', { name: 'Keys', exact: true }).click()
    await settled(page)
    await page.getByRole('button', { name: 'Make a key' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Through thick and thin')
    own.database.fault = 'refused'
    await dialog.locator('button[type=submit]').click()
    const alert = dialog.getByRole('alert')
    await alert.filter({ hasText: SAID }).waitFor()
    await alert.getByText('Request id').waitFor()
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Through thick and thin')
    own.database.fault = 'none'
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText('It is shown only now').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()

    // Somebody who loads the page anew stays signed in, and where they were.
    own.redis.fault = 'refused'
    await page.reload()
    await page.getByRole('alert').filter({ hasText: SAID }).waitFor()
    own.redis.fault = 'none'
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Through thick and thin').waitFor()
    expect(page.url()).toMatch(/\/console\/keys$/)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('a slow answer is waited for, and a button that is pressed twice acts once', async () => {
    const { context, page, complaints } = await inside()
    own.database.delayMs = 400
    await page.getByRole('link', { name: 'Keys', exact: true }).click()
    await page.getByRole('status').filter({ hasText: 'Loading' }).first().waitFor()
    await settled(page)
    await page.getByRole('button', { name: 'Make a key' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Once')
    await dialog.locator('button[type=submit]').dblclick()
    await dialog.getByText('It is shown only now').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await settled(page)
    expect(await page.getByText('Once', { exact: true }).count()).toBe(1)
    expect(complaints).toEqual([])
    await context.close()
  })
})
