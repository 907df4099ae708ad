import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DevFile } from '../../../dev/stack/dev-file.ts'

/** `npm run dev` as a person uses it. */

const START_TIMEOUT_MS = 60_000

interface Run {
  child: ChildProcess
  output: () => string
}

let dataDir: string
const running: ChildProcess[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-dev-'))
})

afterEach(async () => {
  for (const child of running.splice(0)) await stop(child)
})

afterAll(() => rm(dataDir, { recursive: true, force: true }))

function run(environment: Record<string, string>, args: string[] = []): Run {
  const { DATABASE_URL: _, REDIS_URL: __, ...inherited } = process.env
  let text = ''
  const child = spawn('npm', ['run', 'dev', '--', ...args], {
    env: { ...inherited, DATA_DIR: dataDir, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const collect = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  return { child, output: () => text }
}

async function untilReady({ child, output }: Run): Promise<DevFile> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!output().includes('Ctrl-C stops everything')) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`not ready:\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8')) as DevFile
}

function isAlive(pid: number): boolean {
  try {
    // A zombie answers to signals until it is reaped.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const pidsOf = (facts: DevFile) => [
  facts.pid,
  ...Object.values(facts.parts).flatMap((part) => (part ? [part.pid] : [])),
]

const untilGone = (pids: number[]) =>
  expect.poll(() => pids.filter(isAlive), { timeout: 15_000 }).toEqual([])

/** Ends a run as Ctrl-C does where the signal reaches npm alone, and waits until its data is free. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const facts = await readFile(join(dataDir, 'dev.json'), 'utf8').then(
    (text) => JSON.parse(text) as DevFile,
    () => null,
  )
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  await exited
  if (facts) await untilGone(pidsOf(facts))
}

async function chat(facts: DevFile): Promise<string> {
  const response = await fetch(`${facts.base_url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${facts.api_key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gemini-3-pro-high',
      stream: true,
      messages: [{ role: 'user', content: 'Hello!' }],
    }),
  })
  return response.text()
}

describe('npm run dev', () => {
  it('makes a demo and keeps it over a restart', async () => {
    const first = run({})
    const facts = await untilReady(first)
    expect(await chat(facts)).toContain('data: [DONE]')
    expect(first.output()).toContain(`curl -N ${facts.base_url}/v1/chat/completions`)
    expect(first.output()).toContain('from openai import OpenAI')
    expect(first.output()).toContain(String(facts.api_key))
    expect(first.output()).not.toMatch(/warn/i)
    const pids = pidsOf(facts)
    await stop(first.child)
    await untilGone(pids)

    const second = run({})
    const again = await untilReady(second)
    expect({ user: again.user, key: again.api_key }).toEqual({
      user: facts.user,
      key: facts.api_key,
    })
    expect(await chat(again)).toContain('data: [DONE]')
    expect(second.output()).not.toContain('Applied')
  }, 120_000)

  it('brings every part back that is killed, with its data', async () => {
    const facts = await untilReady(run({}))
    for (const name of ['database', 'redis', 'plugin', 'worker'] as const) {
      const pid = facts.parts[name]?.pid ?? 0
      process.kill(pid, 'SIGKILL')
      await expect
        .poll(() => chat(facts).catch(() => ''), { timeout: 30_000, interval: 200 })
        .toContain('data: [DONE]')
      const now = JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8')) as DevFile
      expect(now.api_key).toBe(facts.api_key)
    }
    const login = await fetch(`${facts.base_url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: facts.user?.username, password: facts.user?.password }),
    })
    expect(login.status).toBe(200)
  }, 180_000)

  it('leaves no process behind when it is killed without a word', async () => {
    const facts = await untilReady(run({}))
    const pids = pidsOf(facts)
    process.kill(facts.pid, 'SIGKILL')
    await untilGone(pids)
  }, 120_000)

  it('starts over with --fresh', async () => {
    const before = JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8')) as DevFile
    const after = await untilReady(run({}, ['--fresh']))
    expect(after.api_key).not.toBe(before.api_key)
  }, 120_000)

  it('starts with settings under which nobody could make a demo through the API', async () => {
    const settings = {
      RESPONSE_FORMAT: 'envelope',
      REQUIRE_VERIFIED_EMAIL: 'true',
      ALLOW_REGISTRATION: 'false',
      MFA_REQUIRED_ROLES: 'user,admin',
      LOGIN_RATE_LIMIT: '1/1h',
      REGISTER_RATE_LIMIT: '1/1h',
      PASSWORD_MIN_LENGTH: '40',
      REFRESH_TOKEN_TRANSPORT: 'cookie',
      JWT_ALGORITHM: 'ES256',
    }
    const first = run(settings, ['--fresh'])
    const facts = await untilReady(first)
    expect(await chat(facts)).toContain('data: [DONE]')
    await stop(first.child)
    const again = await untilReady(run(settings))
    expect(again.api_key).toBe(facts.api_key)
    expect(await chat(again)).toContain('data: [DONE]')
    const login = await fetch(`${again.base_url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: again.user?.username, password: again.user?.password }),
    })
    expect(await login.json()).toMatchObject({ success: true, data: { mfa_required: true } })
  }, 120_000)

  it('says which settings it cannot use', async () => {
    const { child, output } = run({ JWT_EXPIRE_HOURS: 'soon', PASSWORD_MIN_LENGTH: '3' })
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    expect(output()).toContain('JWT_EXPIRE_HOURS: ')
    expect(output()).toContain('PASSWORD_MIN_LENGTH: ')
    expect(output()).not.toMatch(/^\s+at /m)
  }, 60_000)

  it('says in one line what is wrong', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const complaints = [
      [{ PORT: String(port) }, `Port ${port} is busy`],
      [{ PORT: 'many' }, 'PORT: must be a port number'],
      [{ DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:9/db' }, 'DATABASE_URL'],
      [{ DATABASE_URL: 'nonsense' }, 'DATABASE_URL'],
      [{ REDIS_URL: 'redis://:hunter2@127.0.0.1:9' }, 'REDIS_URL'],
    ] as const
    for (const [environment, complaint] of complaints) {
      const { child, output } = run(environment)
      const [code] = await once(child, 'exit')
      expect(code).toBe(1)
      const lines = output()
        .split('\n')
        .filter((line) => line.startsWith('dev: '))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(complaint)
      expect(output()).not.toContain('hunter2')
      expect(output()).not.toMatch(/^\s+at /m)
    }
    blocker.close()
  }, 180_000)
})
