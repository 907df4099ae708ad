import { expect } from 'vitest'
import { type ChatAnswer, chat, MODEL } from '../../support/chat.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { makeDue, redisOf } from '../../support/redis.ts'
import {
  bringAccount,
  call,
  fireCron,
  newKey,
  newPerson,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'

export const OFTEN = '*/5 * * * *'
const ACCOUNTS = '/api/plugin-api/accounts'

export interface Lender extends TestPerson {
  key: string
  cookieId: string
}

export interface AccountView {
  cookie_id: string
  is_shared: number
  held_back: boolean
  health: { state: string; reasons: { code: string; message: string; until?: string }[] }
}

/** A row of what we know of a lent account. */
export interface LentRow {
  user_id: number | null
  hold: string | null
  model: string | null
  quota_left: number | null
  held_until: Date | null
  look_at: string | null
  attempts: number
}

/**
 * A stack of its own where a fifth of each lent account is its owner's, and somebody who borrows: of
 * all accounts there is only the one that a test lends.
 */
export async function reserveStack() {
  const own = await ownStack({ LENDER_RESERVE: '0.2', LOG_LEVEL: 'info' })
  const world = worldOf(own)
  await world.control('config', { consumption: 0.1 })
  const borrower = await world.newLender(1)
  // Theirs lets them borrow, and has nothing itself.
  const nothing = { live: { [MODEL]: 0 }, stored: { [MODEL]: 0 } }
  await world.control('account', { cookie_id: borrower.cookieId, ...nothing })
  await world.grant(borrower, 2)
  return { ...world, borrower, [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() }
}

export type ReserveStack = Awaited<ReturnType<typeof reserveStack>>

function worldOf({ baseUrl, sql, stack }: OwnStack) {
  const redis = redisOf(stack.bindings)
  const plugin = stack.bindings.PLUGIN_API_BASE_URL ?? ''

  async function control<Answer>(path: string, json?: unknown): Promise<Answer> {
    const init = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${plugin}/__control/${path}`, { ...init, headers })
    return (await response.json()) as Answer
  }
  const rowOf = async ({ cookieId }: Lender) => {
    const [row] = await sql`select * from lent_accounts where cookie_id = ${cookieId}`
    return row as LentRow | undefined
  }
  const consumed = ({ cookieId }: Lender) =>
    sql`select user_id, is_shared from consumption_rows where cookie_id = ${cookieId}
      order by quota_after desc`

  const world = {
    baseUrl,
    sql,
    redis,
    bindings: stack.bindings,
    control,
    rowOf,
    consumed,

    /** Somebody who lends an account of which so much is left. */
    async newLender(quota = 0.25): Promise<Lender> {
      const person = await newPerson(baseUrl)
      const cookieId = await bringAccount(person, 1, quota, baseUrl)
      return { ...person, cookieId, key: await newKey(person, baseUrl) }
    },
    async grant({ id }: TestPerson, units: number): Promise<void> {
      await sql`update quota_holders set balance = ${units * 10_000}, accrued_at = now(),
        version = version + 1 where user_id = ${id}`
      const keys = await redis<string[]>('KEYS', `pool:${id}*`)
      if (keys.length > 0) await redis('DEL', ...keys)
    },
    /** Whom the plug-in lets draw from it. */
    async isShared({ cookieId }: Lender): Promise<boolean> {
      const { is_shared } = await control<{ is_shared: number }>('account', {
        cookie_id: cookieId,
      })
      return is_shared === 1
    },
    /** The account's quota is whole again. */
    reset: ({ cookieId }: Lender) => control('account', { cookie_id: cookieId, resetNow: true }),
    chat: ({ key }: Lender, url = baseUrl): Promise<ChatAnswer> => chat({ key, baseUrl: url }),
    /** Chats, and waits until so many uses of the account are in the books. */
    async use(person: Lender, account: Lender, count = 1, url = baseUrl): Promise<void> {
      expect((await chat({ key: person.key, baseUrl: url })).status).toBe(200)
      await waitFor(async () => (await consumed(account)).length === count)
    },
    /** What switches there were, in order. */
    async switches({ cookieId }: Lender): Promise<number[]> {
      const { requests } = await control<{ requests: { path: string; body: unknown }[] }>(
        'requests',
      )
      return requests
        .filter(({ path }) => path === `/api/accounts/${cookieId}/type`)
        .map(({ body }) => {
          const json = typeof body === 'string' ? JSON.parse(body) : body
          return (json as { is_shared: number }).is_shared
        })
    },
    async cron(url = baseUrl): Promise<void> {
      await makeDue('lender-reserve', redis)
      await fireCron(OFTEN, url)
    },
    /** As if the time had come to look at it again. */
    async lookNow({ cookieId }: Lender, url = baseUrl): Promise<void> {
      await sql`update lent_accounts set look_at = now() where cookie_id = ${cookieId}
        and look_at is not null`
      await world.cron(url)
    },
    set: (lender: Lender, is_shared: 0 | 1) =>
      call(`${ACCOUNTS}/${lender.cookieId}/type`, {
        method: 'PUT',
        token: lender.token,
        json: { is_shared },
        baseUrl,
      }),
    remove: ({ cookieId, token }: Lender) =>
      call(`${ACCOUNTS}/${cookieId}`, { method: 'DELETE', token, baseUrl }),
    async view({ token, cookieId }: Lender): Promise<AccountView> {
      const { body } = await call<{ data: AccountView }>(`${ACCOUNTS}/${cookieId}`, {
        token,
        baseUrl,
      })
      return body.data
    },
    async listed({ token }: Lender, path = ACCOUNTS): Promise<AccountView[]> {
      const { body } = await call<{ data: AccountView[] }>(path, { token, baseUrl })
      return Array.isArray(body) ? body : body.data
    },
    async quotas({ token }: Lender) {
      const { body } = await call<{
        ceiling: number
        recovers_per_hour: number
        accounts: { shared: number; dedicated: number; held_back: number }
        pools: { group: string; balance: number; frozen: number; ceiling: number }[]
      }>('/api/quotas', { token, baseUrl })
      return body
    },
    /** Lends an account and has it used down to the reserve. */
    async heldLender(borrower: Lender): Promise<Lender> {
      const lender = await world.newLender()
      await world.use(borrower, lender)
      await waitFor(async () => (await rowOf(lender))?.hold === 'held')
      return lender
    },
  }
  return world
}
