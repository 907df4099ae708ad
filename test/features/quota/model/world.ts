import { bundleWorker } from '../../../../dev/worker/bundle.ts'
import { type RunningWorker, startWorker } from '../../../../dev/worker/server.ts'
import { type OwnStack, ownStack } from '../../../support/own-stack.ts'
import { redisOf } from '../../../support/redis.ts'
import { bringAccount, call, newKey, newPerson, type TestPerson } from '../../../support/stack.ts'
import { FLUSH, type Flush, forgettable, toFlush } from './flush.ts'
import { Rows } from './rows.ts'

/** What one call uses of an account, and what is reserved for it, in 1/10,000 unit. */
export const PRICE = 40

/** How long an isolate's claims last. */
const LEASE_MS = 7_000
/** An isolate stops using what it holds so long before it lapses. */
const MARGIN_MS = 5_000
/** For so long an isolate may use what it holds without asking. */
export const HELD_MS = LEASE_MS - MARGIN_MS

/** Of two groups, two of them in one. */
export const GROUPS = {
  'gemini-3-pro-high': 'gemini-3-pro',
  'gemini-3-pro-low': 'gemini-3-pro',
  'claude-sonnet-4-5': 'claude',
}
export type Model = keyof typeof GROUPS

const SETTINGS = {
  QUOTA_ESTIMATE: String(PRICE / 10_000),
  // What a dead Worker holds lapses soon; longer than an isolate's margin, so that it also serves from what it holds.
  CALL_LEASE_SECONDS: String(LEASE_MS / 1000),
  TOGGLE_RATE_LIMIT: '100000/1m',
  RATE_LIMIT: '100000/1m',
  LOG_LEVEL: 'error',
}

/** Answers that take no time. */
const CHAT = { events: 2, eventDelayMs: 1, finishDelayMs: 1 }

/** Somebody of the model, and what the test knows of them. */
export interface Player extends TestPerson {
  key: string
  /** Accounts that were not deleted. */
  accounts: string[]
  /** Calls that have to have exactly one usage row. */
  calls: number
  /** Calls whose row may be lost, as their Worker died and Redis forgot that they were under way. */
  doubtful: number
  /** Until when they were seen to have a dedicated account: an isolate believes so a little longer. */
  dedicatedUntil: number
  /** What was done so far, for whoever has to find out what went wrong. */
  log: string[]
}

/** How many Workers there are beside the stack's own. */
const OTHERS = 2

/** A stack of its own with three Workers, in which everything may be broken. */
export class World implements AsyncDisposable {
  readonly #own: OwnStack
  readonly #bundle: string
  readonly workers: readonly string[]
  readonly #others: readonly RunningWorker[]
  /** Started ahead, to be killed. */
  #doomed: Promise<RunningWorker>
  /** Whenever Redis has forgotten everything, in order. */
  readonly flushes: Flush[] = []
  /** The last one, if it is not over yet. */
  flushing: Promise<void> = Promise.resolve()
  /** Counts when one begins, too. */
  flushCount = 0
  readonly #userIds: number[] = []
  readonly rows: Rows
  readonly sql: OwnStack['sql']
  readonly redis: ReturnType<typeof redisOf>

  private constructor(own: OwnStack, others: readonly RunningWorker[], bundle: string) {
    this.#own = own
    this.#others = others
    this.#bundle = bundle
    this.#doomed = this.#startWorker()
    this.workers = [own.baseUrl, ...others.map(({ url }) => url)]
    this.sql = own.sql
    this.redis = redisOf(own.stack.bindings)
    this.rows = new Rows(own.sql)
  }

  static async start(): Promise<World> {
    const own = await ownStack({ ...SETTINGS, ...redisDatabase() })
    const bundle = await bundleWorker()
    const others = await Promise.all(
      Array.from({ length: OTHERS }, () => startWorker(quietly(own.stack.bindings, bundle))),
    )
    const world = new World(own, others, bundle)
    // What others have left there is about people of the same numbers.
    await world.redis('FLUSHDB')
    await world.standIn('config', { consumption: PRICE / 10_000, chat: CHAT })
    return world
  }

  #startWorker(): Promise<RunningWorker> {
    return startWorker(quietly(this.#own.stack.bindings, this.#bundle))
  }

  /** A Worker to be killed. */
  async newWorker(): Promise<RunningWorker> {
    const doomed = this.#doomed
    this.#doomed = this.#startWorker()
    return doomed
  }

  async newPlayer(units: number): Promise<Player> {
    const [baseUrl = ''] = this.workers
    const person = await newPerson(baseUrl)
    const cookieId = await bringAccount(person, 1, 1, baseUrl)
    await this.sql`
      update quota_holders set balance = ${Math.round(units * 10_000)}, accrued_at = now(),
        remainder = 0, version = version + 1 where user_id = ${person.id}`
    await this.redis('DEL', `pool:${person.id}`)
    const key = await newKey(person, baseUrl)
    this.#userIds.push(person.id)
    const nothing = { calls: 0, doubtful: 0, dedicatedUntil: 0, log: [] }
    return { ...person, ...nothing, key, accounts: [cookieId] }
  }

  /** Unless Redis forgets meanwhile that it was begun. */
  async bring(player: Player, isShared: 0 | 1): Promise<void> {
    const { flushCount } = this
    try {
      player.accounts.push(await bringAccount(player, isShared, 1, this.workers[0]))
    } catch (error) {
      if (this.flushCount === flushCount) throw error
    }
  }

  /** Calls as somebody; a busy machine may be slow. */
  async api<Body>(player: Player, path: string, options: { method?: string; json?: unknown } = {}) {
    for (let attempt = 1; ; attempt++) {
      const answer = await call<Body>(path, {
        ...options,
        token: player.token,
        baseUrl: this.workers[attempt % 2] ?? '',
      })
      if (attempt === 6 || answer.status !== 503) return answer
    }
  }

  async standIn<Answer = unknown>(path: string, json?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#own.stack.plugin?.url}/__control/${path}`, {
      method: json === undefined ? 'GET' : 'POST',
      ...(json !== undefined && {
        body: JSON.stringify(json),
        headers: { 'content-type': 'application/json' },
      }),
    })
    return (await response.json()) as Answer
  }

  /** Fires a trigger at one of the Workers; what it cannot do it does at the next. */
  async cron(expression: string, worker = 0): Promise<void> {
    const url = `${this.workers[worker]}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(expression)}`
    const response = await fetch(url)
    if (!response.ok) throw new Error(`cron ${expression} answered ${response.status}`)
  }

  /** Has Redis forget everything but who is signed in: signing in takes most time, and says nothing here. */
  async flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      this.flushCount++
      const from = Date.now()
      const known = await this.redis<string[]>('KEYS', '*')
      const keys = forgettable(known, this.#userIds, Object.values(GROUPS))
      const held = await this.redis<string[]>('EVAL', FLUSH, keys.length, ...keys)
      this.flushes.push(toFlush(held, from))
      this.flushCount++
    })
    await this.flushing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#doomed).close()
    await Promise.all(this.#others.map((worker) => worker.close()))
    await this.#own[Symbol.asyncDispose]()
  }
}

const quietly = (bindings: Record<string, string>, bundle: string) => ({
  bindings,
  bundle,
  onLog: () => undefined,
})

/** Real Redis where the other tests use it, in a database of its own there. */
function redisDatabase(): Record<string, string> {
  if (!process.env.REDIS_URL) return {}
  const url = new URL(process.env.REDIS_URL)
  // Whoever runs beside has people of the same numbers.
  url.pathname = `/${8 + Number(process.env.VITEST_POOL_ID ?? 1)}`
  return { REDIS_URL: url.href }
}
