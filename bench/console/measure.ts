import { chromium, type Page } from 'playwright-core'
import type { Distribution } from '../load/job.ts'
import { startOwnStack } from '../own-stack.ts'
import type { Plan } from '../plan.ts'
import { distribution } from '../report/statistics.ts'

/** What one page costs whoever looks at it. */
export interface PageResult {
  page: string
  /** Whether the browser has kept the files of an earlier visit. */
  isAgain: boolean
  /** Milliseconds until something is seen. */
  firstPaint: Distribution
  /** Milliseconds until the page has what it asked the API for. */
  settled: Distribution
  /** Bytes that travelled, with headers; nothing compresses files on the way, as Cloudflare does. */
  bytes: number
  requests: number
}

const WIDTH = { width: 1280, height: 900 }

/**
 * Looks at pages of the console in Chromium, each with nothing kept and once more, on a stack of its
 * own on this machine: there is no network between.
 */
export async function measureConsole(
  resources: AsyncDisposableStack,
  { visits }: Plan['console'],
  onProgress: (message: string) => void,
): Promise<PageResult[]> {
  const { stack, people } = await startOwnStack(resources)
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  resources.defer(() => browser.close())
  const results: PageResult[] = []
  for (const path of ['/login', '/console', '/console/usage']) {
    onProgress(`${path} in Chromium`)
    const seen: Record<'first' | 'again', Visit[]> = { first: [], again: [] }
    for (let visit = 0; visit < visits; visit++) {
      const context = await browser.newContext({ viewport: WIDTH })
      const page = await context.newPage()
      if (path !== '/login') {
        await signIn(page, stack.worker.url, people.user)
        // Nothing kept but the session.
        const devTools = await context.newCDPSession(page)
        await devTools.send('Network.clearBrowserCache')
      }
      seen.first.push(await look(page, stack.worker.url + path))
      seen.again.push(await look(page, stack.worker.url + path))
      await context.close()
    }
    results.push(resultOf(path, false, seen.first), resultOf(path, true, seen.again))
  }
  return results
}

/** By the page, as a person does. */
async function signIn(
  page: Page,
  baseUrl: string,
  { username, password }: { username: string; password: string },
): Promise<void> {
  await page.goto(`${baseUrl}/login`)
  await page.locator('[name=username]').fill(username)
  await page.locator('[name=password]').fill(password)
  await page.locator('button[type=submit]').click()
  await page.locator('.shell').waitFor()
}

interface Visit {
  firstPaint: number
  settled: number
  bytes: number
  requests: number
}

async function look(page: Page, url: string): Promise<Visit> {
  await page.goto(url, { waitUntil: 'networkidle' })
  if (page.url() !== url) throw new Error(`${url} led to ${page.url()}`)
  return page.evaluate(`(() => {
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    return {
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
      settled: Math.max(...files.map((file) => file.responseEnd)),
      bytes: files.reduce((sum, file) => sum + file.transferSize, 0),
      requests: files.filter((file) => file.transferSize > 0).length,
    }
  })()`)
}

function resultOf(page: string, isAgain: boolean, visits: Visit[]): PageResult {
  const last = visits.at(-1)
  return {
    page,
    isAgain,
    firstPaint: distribution(visits.map(({ firstPaint }) => firstPaint)),
    settled: distribution(visits.map(({ settled }) => settled)),
    bytes: last?.bytes ?? 0,
    requests: last?.requests ?? 0,
  }
}
