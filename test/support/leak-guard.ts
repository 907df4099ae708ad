import { afterAll } from 'vitest'
import { leaksInAnswer } from './leaks.ts'

/**
 * Looks into every JSON answer of a Worker that a test fetches itself, past `call`: none may show
 * what is inside. Streams are left alone: reading them twice would change how they flow.
 */

/** Every answer of the Worker names its request; the stores' and stand-ins' do not. */
const isOurs = (response: Response) =>
  response.headers.has('x-request-id') &&
  /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')

const plainFetch = globalThis.fetch
const reading: Promise<void>[] = []
const leaks: string[] = []

globalThis.fetch = async (...request) => {
  const response = await plainFetch(...request)
  if (isOurs(response)) reading.push(look(response.clone()))
  return response
}

async function look(copy: Response): Promise<void> {
  // A test may break off what it reads.
  const text = await copy.text().catch(() => '')
  const found = leaksInAnswer(text, undefined)
  if (found.length > 0) leaks.push(`${copy.url} holds ${found.join(', ')}: ${text.slice(0, 300)}`)
}

afterAll(async () => {
  await Promise.all(reading)
  globalThis.fetch = plainFetch
  if (leaks.length > 0) throw new Error(leaks.join('\n'))
})
