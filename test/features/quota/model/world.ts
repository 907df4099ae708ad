import type { RunningWorker } from '../../../../dev/worker/server.ts'
import { startWorker } from '../../../../dev/worker/server.ts'
import { type OwnStack, ownStack } from '../../../support/own-stack.ts'
import { redisOf } from '../../../support/redis.ts'
import { bringAccount, call, newKey, newPerson, type TestPerson } from '../../../support/stack.ts'

/** What one call uses of an account, and what is reserved for it, in 1/10,000 unit. */
export const PRICE = 40

const SETTINGS = {
  QUOTA_ESTIMATE: String(PRICE / 10_000),
  // What a dead Worker holds lapses soon; longer than an isolate's margin, so that it also serves from what it holds.
  CALL_LEASE_SECONDS: '7',
  TOGGLE_RATE_LIMIT: '100000/1m',
  RATE_LIMIT: '100000/1m',
  LOG_LEVEL: 'error',
}

/** Somebody of the model, and what the test knows of them. */
export interface Player extends TestPerson {
  key: string
  /** Accounts that were not deleted. */
  accounts: string[]
  /** Calls that have to have exactly one usage row. */
  calls: number
  /** Calls whose row may be lost, as their Worker died and Redis forgot that they were under way. */
  doubtful: number
  /** What was done so far, for whoever has to find out what went wrong. */
  log: string[]
}

/** A stack of its own with two Workers, in which everything may be broken. */
export class World implements AsyncDisposable {
  readonly #own: OwnStack
  readonly workers: readonly string[]
  readonly #second: RunningWorker
  /** Counts how often Redis has forgotten everything. */
  flushes = 0
  readonly sql: OwnStack['sql']
  readonly redis: ReturnType<typeof redisOf>

  private constructor(own: OwnStack, second: RunningWorker) {
    this.#own = own
    this.#second = second
    this.workers = [own.baseUrl, second.url]
    this.sql = own.sql
    this.redis = redisOf(own.stack.bindings)
  }

  static async start(): Promise<World> {
    const own = await ownStack({ ...SETTINGS, ...redisDatabase() })
    const world = new World(own, await startWorker(quietly(own.stack.bindings)))
    await world.standIn('config', { consumption: PRICE / 10_000, chat: { eventDelayMs: 1 } })
    return world
  }

  /** A Worker to be killed. */
  newWorker(): Promise<RunningWorker> {
    return startWorker(quietly(this.#own.stack.bindings))
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
    return { ...person, key, accounts: [cookieId], calls: 0, doubtful: 0, log: [] }
  }

  /** Unless Redis forgets meanwhile that it was begun. */
  async bring(player: Player, isShared: 0 | 1): Promise<void> {
    const { flushes } = this
    try {
      await this.signIn(player)
      player.accounts.push(await bringAccount(player, isShared, 1, this.workers[0]))
    } catch (error) {
      if (this.flushes === flushes) throw error
    }
  }

  /** Sessions are forgotten with everything else that Redis knows, also while one begins. */
  async signIn(player: Player): Promise<void> {
    for (let attempt = 1; attempt <= 5; attempt++) {
      const { status, body } = await call<{ access_token: string }>('/api/auth/login', {
        json: { username: player.username, password: player.password },
        baseUrl: this.workers[0] ?? '',
      })
      if (status === 200) {
        player.token = body.access_token
        return
      }
    }
    throw new Error('signing in fails')
  }

  /** Calls as somebody; their session ends when Redis forgets it, and a busy machine may be slow. */
  async api<Body>(player: Player, path: string, options: { method?: string; json?: unknown } = {}) {
    for (let attempt = 1; ; attempt++) {
      const answer = await call<Body>(path, {
        ...options,
        token: player.token,
        baseUrl: this.workers[attempt % 2] ?? '',
      })
      if (attempt === 6 || (answer.status !== 401 && answer.status !== 503)) return answer
      if (answer.status === 401) await this.signIn(player)
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

  async flush(): Promise<void> {
    this.flushes++
    await this.redis('FLUSHDB')
    this.flushes++
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#second.close()
    await this.#own[Symbol.asyncDispose]()
  }
}

const quietly = (bindings: Record<string, string>) => ({ bindings, onLog: () => undefined })

/** Real Redis where the other tests use it, in a database of its own there. */
function redisDatabase(): Record<string, string> {
  if (!process.env.REDIS_URL) return {}
  const url = new URL(process.env.REDIS_URL)
  url.pathname = '/9'
  return { REDIS_URL: url.href }
}
