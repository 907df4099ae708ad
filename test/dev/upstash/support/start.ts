/** Starts servers for tests and ends them. */

import { type ChildProcess, fork } from 'node:child_process'
import type { PartReport, RunningPart } from '../../../../dev/stack/part.ts'
import { startUpstash, type UpstashOptions } from '../../../../dev/upstash/server.ts'

export const TOKEN = 'test-token'
export const READ_ONLY_TOKEN = 'test-read-only-token'

export function startServer(options: Partial<UpstashOptions> = {}): Promise<RunningPart> {
  return startUpstash({ token: TOKEN, readOnlyToken: READ_ONLY_TOKEN, ...options })
}

/**
 * The URL of a database on the real redis-server that tests may empty. Each test file has its own,
 * since files run at the same time; database 0 is never touched.
 */
export function testRedisUrl(database: 10 | 11 | 12 | 13 | 14): string {
  const url = new URL(process.env.REDIS_URL!)
  url.pathname = `/${database}`
  return url.href
}

/** What the tests of the protocol run against. */
export const backends = (database: 10 | 11 | 12 | 13 | 14) => [
  { name: 'the embedded Redis', available: true, options: () => ({}) },
  {
    name: 'redis-server (needs REDIS_URL)',
    available: Boolean(process.env.REDIS_URL),
    options: () => ({ redisUrl: testRedisUrl(database) }),
  },
]

/** Sends a command as `POST /`. */
export async function send(url: string, command: unknown, headers: Record<string, string> = {}) {
  return fetchJson(url, { method: 'POST', body: JSON.stringify(command), headers })
}

/** Fetches with the full token; answers status, headers and the parsed body. */
export async function fetchJson(url: string, init: RequestInit = {}) {
  const response = await fetch(url, {
    ...init,
    headers: { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) },
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

/** The server as its own process, as the stack runs it. */
export async function forkServer(
  options: UpstashOptions,
): Promise<{ child: ChildProcess; report: PartReport }> {
  const child = fork(new URL('../../../../dev/upstash/main.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const report = new Promise<PartReport>((resolve, reject) => {
    child.once('message', (message) => resolve(message as PartReport))
    child.once('error', reject)
  })
  child.send({ type: 'start', options })
  return { child, report: await report }
}
