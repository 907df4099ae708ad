import { afterAll } from 'vitest'
import { knownSecrets } from './known-secrets.ts'
import { leaksInAnswer } from './leaks.ts'
import { deviationFromOpenAI } from './openai-schemas.ts'
import { deviationFromVendor } from './vendor-schemas.ts'

/**
 * Looks into every JSON answer and every page of a Worker that a test fetches, whoever fetches it: none
 * may show what is inside, and those below `/v1` and
 * `/v1beta` are as the vendor of the path answers. Streams are left alone: reading them twice
 * would change how they flow.
 */

/** Every answer of the Worker names its request; the stores' and stand-ins' do not. */
const isOurs = (response: Response) =>
  response.headers.has('x-request-id') && (isJson(response) || isPage(response))
const isJson = (response: Response) =>
  /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
const isPage = (response: Response) =>
  /^text\/html\b/.test(response.headers.get('content-type') ?? '')

const plainFetch = globalThis.fetch
const reading: Promise<void>[] = []
const faults: string[] = []

const guardedFetch: typeof fetch = async (...request) => {
  const response = await plainFetch(...request)
  if (isOurs(response)) reading.push(look(response.clone()))
  return response
}
globalThis.fetch = Object.assign(guardedFetch, { plain: plainFetch })

async function look(copy: Response): Promise<void> {
  // A test may break off what it reads.
  const text = await copy.text().catch(() => null)
  if (text === null) return
  const leaks = leaksInAnswer(text, undefined, knownSecrets())
  if (leaks.length > 0) faults.push(`${copy.url} holds ${leaks.join(', ')}: ${text.slice(0, 300)}`)
  const { pathname } = new URL(copy.url)
  const deviation =
    text === '' || isPage(copy)
      ? null
      : (deviationFromOpenAI(pathname, copy.status, text) ??
        deviationFromVendor(pathname, copy.status, text))
  if (deviation)
    faults.push(`${copy.url} is not as its vendor answers: ${deviation}: ${text.slice(0, 300)}`)
}

afterAll(async () => {
  await Promise.all(reading)
  globalThis.fetch = plainFetch
  if (faults.length > 0) throw new Error(faults.join('\n'))
})
