import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  asAdmin,
  dropDatabase,
  type Endpoint,
  forkNeon,
  freshDatabaseUrl,
  hasPostgres,
  LOGIN,
  NO_POSTGRES,
  post,
  scalar,
  startEmpty,
} from './support.ts'

it('names host and port, not the password, if PostgreSQL is not there', async () => {
  const databaseUrl = 'postgres://someone:hunter2@127.0.0.1:1/app'
  const error = await forkNeon({ ...LOGIN, databaseUrl }).catch((e: Error) => e)
  expect(error).toBeInstanceOf(Error)
  expect((error as Error).message).toBe(
    'PostgreSQL at 127.0.0.1:1 (DATABASE_URL) cannot be reached: ECONNREFUSED',
  )
})

describe.skipIf(!hasPostgres)(`a real PostgreSQL behind /sql (${NO_POSTGRES})`, () => {
  let neon: Endpoint
  beforeAll(async () => {
    neon = await startEmpty('PostgreSQL')
    await post(neon, { query: 'create table slot (id int primary key, n int)' })
    await post(neon, { query: 'insert into slot select i, 0 from generate_series(1, 4) i' })
  })
  afterAll(() => neon?.stop())

  const statuses = (answers: { status: number; body: Record<string, unknown> }[]) =>
    answers.map(({ status, body }) => (status === 200 ? 'ok' : String(body.code)))

  it('shows serialization failures of concurrent Serializable batches', async () => {
    const queries = [
      { query: 'select sum(n) from slot' },
      { query: 'select pg_sleep(0.05)' },
      { query: 'update slot set n = n + 1 where id = 1' },
    ]
    const headers = { 'Neon-Batch-Isolation-Level': 'Serializable' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(neon, { queries }, headers)),
    )
    const seen = statuses(answers)
    expect(seen).toContain('ok')
    expect(seen).toContain('40001')
    const committed = seen.filter((one) => one === 'ok').length
    expect(await scalar(neon, 'select n from slot where id = 1')).toBe(String(committed))
  })

  it('shows deadlocks', async () => {
    const lock = (id: number) => ({ query: `update slot set n = n + 1 where id = ${id}` })
    const sleep = { query: 'select pg_sleep(0.3)' }
    const answers = await Promise.all([
      post(neon, { queries: [lock(2), sleep, lock(3)] }),
      post(neon, { queries: [lock(3), sleep, lock(2)] }),
    ])
    expect(statuses(answers).sort()).toEqual(['40P01', 'ok'])
  })

  it('cancels the query of a client that goes away', async () => {
    const client = new AbortController()
    const lost = post(neon, { query: 'select pg_sleep(60)' }, {}, { signal: client.signal })
    const active = () =>
      scalar(
        neon,
        "select count(*) from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active'",
      )
    await expect.poll(active).toBe('1')
    client.abort()
    await expect(lost).rejects.toThrow()
    await expect.poll(active, { timeout: 3_000 }).toBe('0')
  })

  it('serves more requests at once than it has connections', async () => {
    const sleep = { query: 'select pg_sleep(0.1)' }
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(neon, sleep)))
    expect(new Set(statuses(answers))).toEqual(new Set(['ok']))
  })

  it('survives the end of its connections', async () => {
    const victim = post(neon, { query: 'select pg_sleep(30)' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    await asAdmin((client) =>
      client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [new URL(neon.connectionString).pathname.slice(1)],
      ),
    )
    expect([400, 500]).toContain((await victim).status)
    await expect.poll(() => scalar(neon, 'select 1').catch(String)).toBe('1')
  })
})

describe.skipIf(!hasPostgres)(`a PostgreSQL that goes away and returns (${NO_POSTGRES})`, () => {
  it('answers 500 quickly meanwhile and recovers by itself', async () => {
    const databaseUrl = freshDatabaseUrl()
    const proxy = new TcpProxy(new URL(databaseUrl))
    const port = await proxy.open(0)
    const throughProxy = new URL(databaseUrl)
    throughProxy.host = `127.0.0.1:${port}`
    const neon = await forkNeon({ ...LOGIN, databaseUrl: throughProxy.href })
    try {
      expect(await scalar(neon, 'select 1')).toBe('1')
      await proxy.close()
      for (let i = 0; i < 3; i += 1) {
        const start = Date.now()
        const answer = await post(neon, { query: 'select 1' })
        expect(answer.status).toBe(500)
        expect(answer.body).toMatchObject({ code: null })
        expect(answer.body.message).toMatch(/PostgreSQL/)
        expect(Date.now() - start).toBeLessThan(1_000)
      }
      expect((await fetch(`${neon.baseUrl}/__health`)).status).toBe(503)
      await proxy.open(port)
      expect(await scalar(neon, 'select 1')).toBe('1')
      expect((await fetch(`${neon.baseUrl}/__health`)).status).toBe(200)
    } finally {
      await neon.stop()
      await proxy.close()
      await dropDatabase(databaseUrl)
    }
  })
})

/** Stands between the endpoint and PostgreSQL, so that the server can "die" without harm. */
class TcpProxy {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(target: URL) {
    this.#target = target
  }

  async open(port: number): Promise<number> {
    const server = createServer((near) => {
      const far = dial(Number(this.#target.port || 5432), this.#target.hostname)
      near.pipe(far).pipe(near)
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => {
          this.#sockets.delete(socket)
          near.destroy()
          far.destroy()
        })
      }
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return (server.address() as { port: number }).port
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
