import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnChild, stopChild } from '../processes/children.ts'
import type { Program } from '../processes/workerd.ts'

const START_TIMEOUT_MS = 15_000

/**
 * Starts Portkey's gateway on Node, as its package does, on 127.0.0.1.
 *
 * @throws {Error} when it is not installed or does not answer
 */
export async function startPortkey(): Promise<Program> {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('@portkey-ai/gateway/package.json'))
  const port = await freePort()
  const child = spawnChild(
    process.execPath,
    [
      `--import=${join(import.meta.dirname, 'loopback-only.mjs')}`,
      join(folder, 'build/start-server.js'),
      `--port=${port}`,
      '--headless',
    ],
    { stdio: 'ignore', env: { PATH: process.env.PATH, NODE_ENV: 'production' } },
  )
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(url, () => child.exitCode !== null)
  return { url, pid: child.pid ?? 0, stop: () => stopChild(child) }
}

/** What makes Portkey pass a request to an OpenAI-compatible server of one's own. */
export function portkeyHeaders(upstreamUrl: string): Record<string, string> {
  return {
    authorization: 'Bearer sk-bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstreamUrl}/v1`,
  }
}

async function untilAnswers(url: string, hasEnded: () => boolean): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline && !hasEnded()) {
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
    await sleep(50)
  }
  throw new Error("Portkey's gateway does not start.")
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
