import { setTimeout as sleep } from 'node:timers/promises'
import { distribution } from '../report/statistics.ts'
import { Connection, type Exchange } from './connection.ts'
import type { ClosedLoop, Job, JobResult, OpenLoop } from './job.ts'

/** More requests than this at once mean that the server has fallen behind for good. */
const MAX_IN_FLIGHT = 256
const TICK_MS = 1
const AFTER_ERROR_MS = 5

/** Runs one job; never takes longer than its deadline. */
export async function runJob(job: Job): Promise<JobResult> {
  const connections: Connection[] = []
  const request = Buffer.from(requestText(job))
  const open = () => {
    const connection = new Connection(job.url, request, job.endsWith)
    connections.push(connection)
    return connection
  }
  const exchanges: Exchange[] = []
  const startedAt = performance.now()
  const deadline = startedAt + job.deadlineMs
  const giveUp = setTimeout(() => {
    for (const connection of connections) connection.close()
  }, job.deadlineMs)
  try {
    if (job.load.type === 'closed') await closed(job.load, open, exchanges, deadline)
    else await paced(job.load, open, exchanges)
    return summarise(exchanges, performance.now() - startedAt)
  } finally {
    clearTimeout(giveUp)
    for (const connection of connections) connection.close()
  }
}

async function closed(
  { clients, requests = Number.POSITIVE_INFINITY, durationMs, staggerMs = 0 }: ClosedLoop,
  open: () => Connection,
  exchanges: Exchange[],
  deadline: number,
): Promise<void> {
  const end = durationMs === undefined ? deadline : performance.now() + durationMs
  let started = 0
  const client = async (index: number) => {
    if (staggerMs > 0) await sleep((staggerMs * index) / clients)
    const connection = open()
    while (started < requests && performance.now() < end) {
      started += 1
      const exchange = await connection.exchange()
      exchanges.push(exchange)
      // A server that refuses at once must not turn this into a busy loop.
      if (exchange.error) await sleep(AFTER_ERROR_MS)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
}

/** Latency counts from the sending: nobody waits for a connection here, so none of it is left out. */
async function paced(
  { perSecond, durationMs }: OpenLoop,
  open: () => Connection,
  exchanges: Exchange[],
): Promise<void> {
  const idle: Connection[] = []
  const running = new Set<Promise<void>>()
  const send = () => {
    if (running.size >= MAX_IN_FLIGHT) {
      exchanges.push({ latencyMs: 0, firstByteMs: 0, error: 'overloaded' })
      return
    }
    const connection = idle.pop() ?? open()
    const exchange = connection.exchange().then((done) => {
      exchanges.push(done)
      idle.push(connection)
      running.delete(exchange)
    })
    running.add(exchange)
  }
  const total = Math.round((perSecond * durationMs) / 1000)
  const startedAt = performance.now()
  for (let sent = 0; sent < total; ) {
    const due = Math.min(
      total,
      Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1,
    )
    while (sent < due) {
      sent += 1
      send()
    }
    await sleep(TICK_MS)
  }
  await Promise.all(running)
}

function summarise(exchanges: readonly Exchange[], durationMs: number): JobResult {
  const errors: Record<string, number> = {}
  for (const { error } of exchanges) if (error) errors[error] = (errors[error] ?? 0) + 1
  const good = exchanges.filter(({ error }) => error === null)
  return {
    requests: good.length,
    durationMs,
    errors,
    latency: distribution(good.map(({ latencyMs }) => latencyMs)),
    firstByte: distribution(good.map(({ firstByteMs }) => firstByteMs)),
  }
}

function requestText({ url, path, headers, body }: Job): string {
  const lines = Object.entries({
    host: new URL(url).host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
