import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS_FOLDER } from '../../dev/cli/install-clients.ts'
import { agree, newClient } from '../features/oauth/support.ts'
import { newChatter, newPerson, stack } from '../support/stack.ts'

/** The conformance runner of the Model Context Protocol, against our server and our provider. */

const RUNNER = join(CLIENTS_FOLDER, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')

/** Runs it. @param onLine hears each line that it says meanwhile */
async function run(args: string[], onLine: (line: string) => void = () => undefined) {
  const child = spawn(process.execPath, [RUNNER, ...args], { cwd: folder })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk
  })
  createInterface(child.stdout).on('line', (line) => {
    output += `${line}\n`
    onLine(line)
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output }
}

let folder: string
let key: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-conformance-'))
  key = (await newChatter()).key
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('server', () => {
  /** Shows a key, which the runner has none of. */
  const proxy = createServer((req, res) => {
    const { port } = proxy.address() as { port: number }
    const there = new URL(stack.baseUrl)
    const renamed = (text: string | undefined) => text?.replace(`127.0.0.1:${port}`, there.host)
    const headers = {
      ...req.headers,
      ...(req.headers.host && { host: renamed(req.headers.host) }),
      ...(req.headers.origin && { origin: renamed(req.headers.origin) }),
      authorization: `Bearer ${key}`,
    }
    const options = { method: req.method, headers }
    const onward = request(new URL(req.url ?? '', there), options, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    onward.on('error', () => res.destroy())
    req.pipe(onward)
  })
  let url: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}/mcp`
  })
  afterAll(() => {
    proxy.closeAllConnections()
    proxy.close()
  })

  /**
   * What only its example server has: tools to be tried with, prompts, resources. Everything else in a scenario has
   * to hold, and what is named here has to fail.
   */
  const NOT_OURS = [
    ...['server-rejects-undeclared-capability', 'missing-capability-http-400'],
    ...['http-server-no-independent-requests-on-stream', 'server-no-log-without-loglevel'],
  ]
    .map((check) => `server-stateless:sep-2575-${check}`)
    .concat(
      ['prompts-list', 'resources-list', 'resources-templates-list'].map(
        (list) => `caching:sep-2549-${list}-caching-hints`,
      ),
    )

  const BOTH = ['tools-list', 'dns-rebinding-protection']
  it.each([
    ['2025-06-18', ['server-initialize', 'ping', 'tools-list']],
    ['2025-11-25', ['server-initialize', 'ping', ...BOTH]],
    ['2026-07-28', ['server-stateless', 'caching', 'http-header-validation', ...BOTH]],
  ])('%s', async (version, scenarios) => {
    const baseline = join(folder, 'baseline.yml')
    for (const scenario of scenarios) {
      const expected = NOT_OURS.filter((check) => check.startsWith(`${scenario}:`))
      await writeFile(baseline, ['server:', ...expected.map((check) => `  - ${check}`)].join('\n'))
      const { code, output } = await run([
        ...['server', '--url', url, '--scenario', scenario, '--spec-version', version],
        ...(expected.length > 0 ? ['--expected-failures', baseline] : []),
      ])
      expect(code, output).toBe(0)
      expect(output).toMatch(/Passed: [1-9]/)
    }
  })
})

it('authorization server', async () => {
  const person = await newPerson()
  const port = await freePort()
  const redirect_uris = [`http://127.0.0.1:${port}/callback`]
  const { client_id } = await newClient({ auth_method: 'none', redirect_uris })
  const { code, output } = await run(
    [
      ...['authorization', '--url', stack.baseUrl, '--port', String(port)],
      ...['--client-id', client_id, '--resource', `${stack.baseUrl}/mcp`],
    ],
    (line) => {
      if (line.startsWith(`${stack.baseUrl}/oauth/authorize?`))
        void agree(person, line).then((back) => fetch(back))
    },
  )
  expect(code, output).toBe(0)
  expect(output).toMatch(/3 passed, 0 failed/)
})

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
