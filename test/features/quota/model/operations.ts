import fc from 'fast-check'
import { CHAT, chat } from '../../../support/chat.ts'
import { waitFor } from '../../../support/stack.ts'
import { checkBurst } from './admission.ts'
import { changing } from './lending.ts'
import { letPass, poolNow } from './pool.ts'
import { GROUPS, type Model, type Player, PRICE, type World } from './world.ts'

const MODELS = Object.keys(GROUPS) as Model[]
const FAILURES = [
  'refuse',
  'resource_exhausted',
  'reset_midway',
  'terminated_midway',
  'clean_early_end',
  'upstream_500',
  'no_account',
  'http_error',
  'garbage',
] as const

const ACCOUNTS = '/api/plugin-api/accounts'
export const OFTEN = '*/5 * * * *'
export const HOURLY = '0 * * * *'

/** So many calls at once, or a few beyond what the pool holds. */
const FLOOD = 70
const BEYOND = 8

const model = fc.constantFrom(...MODELS)
const worker = fc.constantFrom(0, 1, 2)
const burst = fc.record({
  type: fc.constant('burst' as const),
  model,
  streams: fc.oneof(
    { weight: 12, arbitrary: fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }) },
    // More than a pool holds from which isolates still take ahead.
    { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: FLOOD, maxLength: FLOOD }) },
  ),
  /** Null: at all of them in turn. */
  worker: fc.constantFrom(0, 1, 2, null),
})
const single = fc.record({
  type: fc.constant('chat' as const),
  model,
  stream: fc.boolean(),
  worker,
})
const failing = fc.record({
  type: fc.constant('failing' as const),
  model,
  stream: fc.boolean(),
  worker,
  failure: fc.constantFrom(...FAILURES),
})
const leaving = fc.record({ type: fc.constant('leaving' as const), model, worker })
const account = fc.record({
  type: fc.constantFrom('lend', 'take back', 'disable', 'enable', 'toggle'),
  which: fc.nat(3),
})
const bring = fc.record({ type: fc.constant('bring' as const), isShared: fc.constantFrom(0, 1) })
const remove = fc.record({ type: fc.constant('delete' as const), which: fc.nat(3) })
const pass = fc.record({
  type: fc.constant('pass' as const),
  minutes: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(1, 2, 3, 7) },
    { weight: 1, arbitrary: fc.constant(200) },
  ),
})
const cron = fc.record({
  type: fc.constant('cron' as const),
  expression: fc.constantFrom(OFTEN, HOURLY),
  times: fc.constantFrom(1, 2, 3),
})
const flush = fc.record({ type: fc.constant('flush' as const) })
const crash = fc.record({
  type: fc.constant('crash' as const),
  model,
  streams: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
})

/** Something that happens to one person, or to all of them. */
export const operation = fc.oneof(
  { weight: 40, arbitrary: burst },
  { weight: 24, arbitrary: single },
  { weight: 10, arbitrary: failing },
  { weight: 6, arbitrary: leaving },
  { weight: 16, arbitrary: account },
  { weight: 2, arbitrary: bring },
  { weight: 3, arbitrary: remove },
  { weight: 8, arbitrary: pass },
  { weight: 4, arbitrary: cron },
  { weight: 3, arbitrary: flush },
  { weight: 1, arbitrary: crash },
)
export type Operation = typeof operation extends fc.Arbitrary<infer Type> ? Type : never

/** Counts what was done, for the report. */
export const done = { operations: 0, calls: 0 }

interface AskOptions {
  model: string
  stream: boolean
  baseUrl: string
  content?: string
}

let marks = 0

/** Does one thing; throws where somebody was let through beyond their pool. */
export async function perform(world: World, player: Player, what: Operation): Promise<void> {
  done.operations++
  player.log.push(`${new Date().toISOString().slice(17, 23)} ${JSON.stringify(what)}`)
  const url = (at: number) => world.workers[at % world.workers.length] ?? ''
  const content = `mark-${String(marks++).padStart(6, '0')}`
  const ask = (options: AskOptions) => {
    done.calls++
    player.calls++
    const { model: name, ...rest } = options
    return chat({ key: player.key, content, extra: { model: name }, ...rest })
  }
  switch (what.type) {
    case 'chat':
      await ask({ ...what, baseUrl: url(what.worker) })
      return
    case 'burst': {
      const isFlood = what.streams.length >= FLOOD
      // From then on the isolate has taken ahead, if there is plenty.
      if (isFlood)
        await ask({ ...what, stream: false, baseUrl: url(what.worker ?? 0), content: 'warm' })
      const before = await poolNow(world, player, GROUPS[what.model])
      const there = Math.max(0, Math.floor(before.balance / PRICE))
      const streams = isFlood ? what.streams.slice(0, there + BEYOND) : what.streams
      await Promise.all(
        streams.map((stream, index) =>
          ask({ model: what.model, stream, baseUrl: url(what.worker ?? index) }),
        ),
      )
      const [{ length: size }, isolates] = [
        streams,
        what.worker === null ? world.workers.length : 1,
      ]
      await checkBurst(world, player, { before, content, size, isolates })
      return
    }
    case 'failing':
      await world.standIn('arm', { failure: what.failure, match: content })
      await ask({ ...what, baseUrl: url(what.worker) })
      return
    case 'leaving': {
      done.calls++
      player.calls++
      await leave(url(what.worker), player, what.model, content)
      return
    }
    case 'lend':
    case 'take back':
      await change(world, player, what.which, 'type', { is_shared: what.type === 'lend' ? 1 : 0 })
      return
    case 'disable':
    case 'enable':
      await change(world, player, what.which, 'status', { status: what.type === 'enable' ? 1 : 0 })
      return
    case 'toggle':
      await change(world, player, what.which, 'status', { status: 0 })
      await change(world, player, what.which, 'status', { status: 1 })
      return
    case 'bring':
      if (player.accounts.length < 4) await world.bring(player, what.isShared === 1 ? 1 : 0)
      return
    case 'delete': {
      const cookieId = player.accounts[what.which % Math.max(1, player.accounts.length)]
      if (!cookieId) return
      await changing(world, player, async () => {
        const { status } = await world.api(player, `${ACCOUNTS}/${cookieId}`, { method: 'DELETE' })
        if (status === 200) player.accounts = player.accounts.filter((each) => each !== cookieId)
      })
      return
    }
    case 'pass':
      await letPass(world, player, what.minutes)
      return
    case 'cron': {
      // An hour has to be over for its recovery to be written down.
      if (what.expression === HOURLY) await letPass(world, player, 60)
      const times = Array.from({ length: what.times }, (_, at) => at % 2)
      await changing(world, player, async () => {
        await Promise.all(times.map((worker) => world.cron(what.expression, worker)))
      })
      return
    }
    case 'flush':
      await world.flush()
      return
    case 'crash':
      await crashAmid(world, player, what, content)
  }
}

async function change(
  world: World,
  player: Player,
  which: number,
  field: string,
  json: object,
): Promise<void> {
  const cookieId = player.accounts[which % Math.max(1, player.accounts.length)]
  if (!cookieId) return
  await changing(world, player, async () => {
    const path = `${ACCOUNTS}/${cookieId}/${field}`
    const { status } = await world.api(player, path, { method: 'PUT', json })
    if (status >= 500 && status !== 503) throw new Error(`${field} answered ${status}`)
  })
}

async function leave(baseUrl: string, player: Player, model: string, content: string) {
  const controller = new AbortController()
  const response = await fetch(baseUrl + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${player.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content }] }),
    signal: controller.signal,
  })
  await response.body?.getReader().read()
  controller.abort()
}

/** Has a Worker die in the middle of calls. */
async function crashAmid(
  world: World,
  player: Player,
  { model, streams }: { model: string; streams: boolean[] },
  content: string,
): Promise<void> {
  const { flushCount } = world
  await world.standIn('arm', { failure: 'slow', match: content, times: 10, delayMs: 700 })
  const doomed = await world.newWorker()
  let over = 0
  const calls = streams.map((stream) => {
    done.calls++
    const options = { key: player.key, content, extra: { model }, baseUrl: doomed.url }
    return chat({ ...options, stream })
      .catch(() => null)
      .finally(() => over++)
  })
  const isOpen = async () => {
    const open = await world.redis<string[]>('HVALS', 'usage:open')
    const theirs = open.filter((text) => JSON.parse(text).row.userId === player.id)
    return theirs.length + over >= streams.length || world.flushCount > flushCount
  }
  await waitFor(isOpen)
  process.kill(doomed.pid, 'SIGKILL')
  await Promise.all(calls)
  await doomed.close()
  // What was over already may not have been written yet: that cannot be told from here.
  if (world.flushCount > flushCount || over > 0) player.doubtful += streams.length
  else player.calls += streams.length
}
