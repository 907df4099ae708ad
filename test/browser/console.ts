import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { stack, type TestPerson } from '../support/stack.ts'
import { newContext } from './browser.ts'

/** The console as a person sees it, with an eye on everything that a browser complains about. */

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Visitor {
  context: BrowserContext
  page: Page
  /** Pages of the same browser share these. */
  complaints: string[]
  /** Answers that are meant to be refusals: the part of the address and the status. */
  expectFailure(path: string, status: number): void
}

/**
 * Opens a browser of somebody's own.
 *
 * @param baseUrl the Worker whose pages they look at
 */
export async function visitor(
  options: BrowserContextOptions = {},
  baseUrl = stack.baseUrl,
): Promise<Visitor> {
  const context = await newContext({ locale: 'en-US', ...options })
  const complaints: string[] = []
  const expected: { path: string; status: number }[] = []
  const isExpected = (url: string, status?: number) =>
    expected.some(
      (one) => url.includes(one.path) && (status === undefined || one.status === status),
    )
  context.on('page', (page) => {
    page.on('console', (message) => {
      const { url } = message.location()
      if (message.type() === 'error' && !isExpected(url))
        complaints.push(`${message.text()} ${url}`)
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('response', (response) => {
      if (response.status() >= 400 && !isExpected(response.url(), response.status()))
        complaints.push(`${response.status()} ${response.url()}`)
    })
    page.on('request', (request) => {
      const url = request.url()
      if (/^https?:/.test(url) && !url.startsWith(baseUrl)) complaints.push(`asked ${url}`)
    })
  })
  const page = await context.newPage()
  return {
    context,
    page,
    complaints,
    expectFailure: (path, status) => expected.push({ path, status }),
  }
}

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(stack.baseUrl + path)
}

/** Signs in by the page, and waits until the first page is there. */
export async function signIn(page: Page, person: TestPerson): Promise<void> {
  if (!page.url().includes('/login')) await open(page, '/login')
  await page.locator('[name=username]').fill(person.username)
  await page.locator('[name=password]').fill(person.password)
  await page.locator('button[type=submit]').click()
  await page.locator('.shell').waitFor()
}

/** Waits until nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

/** Opens a page anew, and waits until all of it is there. @returns what it has asked the API for more than once */
export async function openOnce(page: Page, path: string): Promise<string[]> {
  const asked: string[] = []
  const note = (request: { method(): string; url(): string }) => {
    const { pathname, search } = new URL(request.url())
    if (/^\/(api|v1)\//.test(pathname)) asked.push(`${request.method()} ${pathname}${search}`)
  }
  page.on('request', note)
  await open(page, path)
  await page.locator('h1').waitFor()
  await settled(page)
  await page.waitForLoadState('networkidle')
  page.off('request', note)
  return asked.filter((one, index) => asked.indexOf(one) !== index)
}

/** Whatever axe-core finds on the page as it is, in both appearances. */
export async function expectAccessible(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  // Not `addScriptTag`: the policy of the pages forbids it.
  await cdp.send('Runtime.evaluate', { expression: await readFile(axeFile, 'utf8') })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { result } = await cdp.send('Runtime.evaluate', {
      expression: `axe.run().then(({ violations }) => JSON.stringify(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))])))`,
      awaitPromise: true,
      returnByValue: true,
    })
    expect(JSON.parse(String(result.value)), `${page.url()} ${colorScheme}`).toEqual([])
  }
  await cdp.detach()
}

/** Nothing reaches over the edge of the screen. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  expect(over, page.url()).toBeLessThanOrEqual(0)
}
