import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../../bench/load/job.ts'
import { runJob } from '../../../bench/load/run-job.ts'
import { PACED_MARK, STREAM_EVENTS } from '../../../bench/upstream/answers.ts'
import { takeRequest } from '../../../bench/upstream/http-request.ts'
import { startUpstream } from '../../../bench/upstream/server.ts'
import type { RunningPart } from '../../../dev/stack/part.ts'

interface Chunk {
  choices: { delta: { role?: string }; finish_reason: string | null }[]
  usage?: object
}

let behind: Server
let openai: RunningPart
let antigravity: RunningPart

beforeAll(async () => {
  behind = createServer((request, response) => {
    response.writeHead(201, { 'content-type': 'text/plain' })
    request.pipe(response)
  })
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve))
  const options = { behind: `http://127.0.0.1:${(behind.address() as AddressInfo).port}` }
  openai = await startUpstream({ ...options, dialect: 'openai' })
  antigravity = await startUpstream({ ...options, dialect: 'antigravity' })
})

afterAll(async () => {
  await openai.close()
  await antigravity.close()
  behind.closeAllConnections()
  await new Promise((resolve) => behind.close(resolve))
})

async function stream(part: RunningPart, more: object = {}): Promise<Chunk[]> {
  const response = await fetch(`${part.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ stream: true, ...more }),
  })
  const data = (await response.text()).split('\n\n').map((event) => event.slice('data: '.length))
  expect(data.splice(-2)).toEqual(['[DONE]', ''])
  return data.map((text) => JSON.parse(text) as Chunk)
}

describe('the cheap upstream', () => {
  it('streams as OpenAI does: role first, usage in a chunk of its own and only when asked', async () => {
    const plain = await stream(openai)
    expect(plain).toHaveLength(STREAM_EVENTS)
    expect(plain[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(plain.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(plain.some((chunk) => chunk.usage)).toBe(false)

    const metered = await stream(openai, { stream_options: { include_usage: true } })
    expect(metered).toHaveLength(STREAM_EVENTS + 1)
    expect(metered.at(-1)).toMatchObject({ choices: [], usage: {} })
  })

  it('streams as the plug-in does: no role, usage in the finish chunk', async () => {
    const chunks = await stream(antigravity)
    expect(chunks).toHaveLength(STREAM_EVENTS)
    expect(chunks.some((chunk) => chunk.choices[0]?.delta.role)).toBe(false)
    expect(chunks.at(-1)?.usage).toBeDefined()
  })

  it('leaves everything but chat to the server behind it', async () => {
    const response = await fetch(`${openai.url}/api/users`, { method: 'POST', body: 'a name' })
    expect([response.status, await response.text()]).toEqual([201, 'a name'])
  })

  it('understands a body in chunks', () => {
    const text =
      'POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\nNEXT'
    expect(takeRequest(Buffer.from(text.slice(0, -5)))).toBeNull()
    const taken = takeRequest(Buffer.from(text))
    expect(taken?.request.body.toString()).toBe('abcd')
    expect(taken?.rest.toString()).toBe('NEXT')
  })
})

describe('the load generator', () => {
  const job = (more: Partial<Job>): Job => ({
    url: openai.url,
    path: '/v1/chat/completions',
    headers: {},
    body: '{"stream":false}',
    endsWith: '}',
    load: { type: 'closed', clients: 4, requests: 40 },
    deadlineMs: 5_000,
    ...more,
  })

  it('sends exactly as many requests as it is told to', async () => {
    expect(await runJob(job({}))).toMatchObject({ requests: 40, errors: {} })
  })

  it('keeps to a fixed rate', async () => {
    const result = await runJob(job({ load: { type: 'open', perSecond: 200, durationMs: 250 } }))
    expect(result.requests).toBe(50)
    expect(result.durationMs).toBeGreaterThan(200)
  })

  it('counts an answer that ends otherwise, and a path that fails, as errors', async () => {
    const incomplete = await runJob(job({ endsWith: 'data: [DONE]' }))
    expect(incomplete).toMatchObject({ requests: 0, errors: { 'incomplete answer': 40 } })
    const refused = await runJob(job({ path: '/elsewhere' }))
    expect(refused).toMatchObject({ requests: 0, errors: { 'status 201': 40 } })
  })

  it('measures the first byte of a stream apart from its end', async () => {
    const body = JSON.stringify({ stream: true, mark: PACED_MARK })
    const load = { type: 'closed', clients: 1, requests: 1 } as const
    const { firstByte, latency } = await runJob(job({ body, load, endsWith: '[DONE]' }))
    expect(latency.p50).toBeGreaterThan(900)
    expect(firstByte.p50).toBeLessThan(latency.p50 / 2)
  })

  it('gives up at its deadline', async () => {
    const body = JSON.stringify({ stream: true, mark: PACED_MARK })
    const load = { type: 'closed', clients: 2, requests: 2 } as const
    const result = await runJob(job({ body, load, deadlineMs: 100 }))
    expect(result).toMatchObject({ requests: 0, errors: { 'given up': 2 } })
  })
})
