import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { startOpenAIServer } from '../../support/openai-server.ts'
import { ownStack } from '../../support/own-stack.ts'
import { call } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

interface Health {
  status: string
  components: Record<string, { status: string; message: string }>
}

const plain = { PLUGIN_API_DIALECT: 'openai', PLUGIN_API_ADMIN_KEY: '', UPSTREAM_API_KEY: 'k' }

/** What the Worker says of an AI service that lives there. */
async function healthBehind(url: string) {
  await using worker = await workerWith({ ...plain, PLUGIN_API_BASE_URL: url })
  const { status, body } = await call<Health>('/api/health', { baseUrl: worker.url })
  return { status, plugin: body.components.plugin }
}

async function serverSaying(status: number): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => response.writeHead(status).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

it('in front of a plain server, one that works is well', async () => {
  const upstream = await startOpenAIServer()
  const { status, plugin } = await healthBehind(upstream.url)
  expect([status, plugin?.status, plugin?.message]).toEqual([
    200,
    'healthy',
    'The AI service answers.',
  ])
  expect(upstream.requests[0]?.headers.authorization).toBe('Bearer k')
  await upstream.close()
})

it('one that is not there is seen', async () => {
  expect(await healthBehind('http://127.0.0.1:9')).toMatchObject({
    status: 503,
    plugin: { status: 'unhealthy', message: 'The AI service does not answer.' },
  })
})

it.each([
  [200, 200],
  // There is no list of models: chat may well work.
  [404, 200],
  [500, 200],
  [502, 503],
  [503, 503],
  [504, 503],
  [401, 503],
])('one that answers %i makes the server %i', async (said, expected) => {
  const { url, server } = await serverSaying(said)
  const { status, plugin } = await healthBehind(url)
  expect(status).toBe(expected)
  if (said === 401) expect(plugin?.message).toContain('key')
  server.close()
})

it('a database without its tables, or with older ones, is not well', async () => {
  await using own = await ownStack()
  const ask = () => call<Health>('/api/health', { baseUrl: own.baseUrl })
  expect(await ask()).toMatchObject({ status: 200 })
  await own.sql`alter table users rename column tenure to older`
  expect(await ask()).toMatchObject({
    status: 503,
    body: {
      components: {
        database: {
          status: 'unhealthy',
          message: 'PostgreSQL answers, but the migrations are not applied.',
        },
      },
    },
  })
  await own.sql`alter table users rename column older to tenure`
  expect((await ask()).status).toBe(200)
  await own.sql`alter table usage_logs rename to elsewhere`
  expect((await ask()).status).toBe(503)
})
