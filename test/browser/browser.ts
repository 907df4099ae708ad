import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { afterAll } from 'vitest'
import { stack } from '../support/stack.ts'

let browser: Promise<Browser> | undefined

function launch(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-sync',
    ],
  })
  return browser
}

afterAll(async () => (await browser)?.close())

/** A browser of somebody's own: no cookies, nothing kept. */
export async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return (await launch()).newContext(options)
}

/** Opens a page of the Worker and collects what the browser complains about. */
export async function openPage(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await launch()).newPage({ viewport: { width: 1280, height: 900 } })
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const { origin } = new URL(request.url())
    if (/^https?:/.test(request.url()) && origin !== stack.baseUrl)
      complaints.push(`asked ${origin}`)
  })
  await page.goto(new URL(path, stack.baseUrl).href)
  return { page, complaints }
}
