import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ChatOptions, chat, MODEL } from '../../support/chat.ts'
import { checkShares, GROUP } from '../../support/quota.ts'
import { waitFor } from '../../support/stack.ts'
import { OFTEN } from './model/operations.ts'
import { type Player, PRICE, World } from './model/world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** Nobody draws from the account of an earlier test. */
const owners: Player[] = []
afterEach(async () => {
  for (const { accounts } of owners.splice(0)) {
    await world.standIn('account', {
      cookie_id: accounts[0],
      live: { [MODEL]: 0 },
      stored: { [MODEL]: 0 },
    })
  }
})
async function newOwner(): Promise<Player> {
  const owner = await world.newPlayer(1)
  owners.push(owner)
  return owner
}

/** Somebody who draws, but whose own account has nothing left of the model. */
async function newDrawer(): Promise<Player> {
  const player = await world.newPlayer(1)
  await world.standIn('account', {
    cookie_id: player.accounts[0],
    live: { [MODEL]: 0 },
    stored: { [MODEL]: 0 },
  })
  return player
}

async function rowsOf(player: Player) {
  return world.sql`select cookie_id, quota_before, quota_after, tokens::int as tokens, amount
    from consumption_rows where user_id = ${player.id} and not is_pending order by consumed_at, log_id`
}

async function balanceOf(player: Player): Promise<number> {
  const [row] = await world.sql`select
      (select balance from quota_pools where user_id = ${player.id} and group_name = ${GROUP}) as balance,
      (select sum(amount) from quota_ledger where user_id = ${player.id} and group_name = ${GROUP}) as booked`
  expect(Number(row?.balance)).toBe(Number(row?.booked))
  return Number(row?.balance)
}

async function close(...players: Player[]): Promise<void> {
  for (const player of players) await checkShares(player, world.sql)
}

describe('two who draw from one account side by side', () => {
  it.each(['the first', 'the second'])(
    'share what it lost by tokens: %s ends first',
    async (who) => {
      const owner = await newOwner()
      const [one, other] = [await newDrawer(), await newDrawer()]
      const content = { one: `one ${who} ${'long '.repeat(400)}`, other: `other ${who}` }
      const slow = who === 'the first' ? content.other : content.one
      for (const match of [content.one, content.other]) {
        await world.standIn('arm', {
          failure: 'slow',
          match: match.trim(),
          delayMs: match === slow ? 300 : 100,
        })
      }
      const ask = (
        player: Player,
        text: string,
        worker: number,
        extra: Partial<ChatOptions> = {},
      ) =>
        chat({
          key: player.key,
          content: text.trim(),
          baseUrl: world.workers[worker] ?? '',
          ...extra,
        })
      // Streams, which the AI service meters at their end, so that each begins before the other is metered.
      const stream = { stream: true }
      const answers = await Promise.all([
        ask(one, content.one, 0, stream),
        ask(other, content.other, 1, stream),
      ])
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      await waitFor(
        async () => (await rowsOf(one)).length + (await rowsOf(other)).length === 2,
        25_000,
      )
      const [[first], [second]] = await Promise.all([rowsOf(one), rowsOf(other)])
      expect(first?.cookie_id).toBe(owner.accounts[0])
      expect(second?.cookie_id).toBe(owner.accounts[0])
      const [mine, theirs] = [Number(first?.amount), Number(second?.amount)]
      // The account lost what two calls use, and both rows show all of it.
      expect(mine + theirs).toBe(2 * PRICE)
      const share = Number(first?.tokens) / (Number(first?.tokens) + Number(second?.tokens))
      expect(share).toBeGreaterThan(0.7)
      expect(Math.abs(mine - 2 * PRICE * share)).toBeLessThanOrEqual(1)
      for (const player of [one, other]) {
        const [row] = await world.sql`select sum(quota)::int as quota from usage_logs
        where user_id = ${player.id}`
        expect(row?.quota).toBe(player === one ? mine : theirs)
        expect(await balanceOf(player)).toBeGreaterThanOrEqual(
          10_000 - (player === one ? mine : theirs),
        )
      }
      await close(one, other)
    },
  )

  it('and ten of them, over and over, pay for exactly what it lost', async () => {
    const owner = await newOwner()
    const players = []
    for (let at = 0; at < 4; at++) players.push(await newDrawer())
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        players.flatMap((player, at) =>
          [0, 1, 2].map((call) =>
            chat({
              key: player.key,
              content: `${'word '.repeat(1 + at * 20)}${round}`,
              stream: call === 1,
              baseUrl: world.workers[(at + call) % 2] ?? '',
            }),
          ),
        ),
      )
    }
    const charged = async () => {
      const [row] = await world.sql`
        select count(*)::int as count, sum(amount)::int as amount, (
          select coalesce(sum(outside), 0)::int from account_drops d
          where d.cookie_id = ${owner.accounts[0]}) as outside
        from consumption_rows where cookie_id = ${owner.accounts[0]} and not is_pending`
      return row
    }
    await waitFor(async () => {
      await world.cron(OFTEN)
      return (await charged())?.count === 48
    }, 30_000)
    expect(await charged()).toMatchObject({ amount: 48 * PRICE, outside: 0 })
    await close(...players)
    for (const player of players) await balanceOf(player)
  })
})

describe('a Worker that dies in the middle', () => {
  it('leaves nothing unbooked, and nothing is booked twice', async () => {
    const owner = await newOwner()
    const player = await newDrawer()
    const doomed = await world.newWorker()
    await world.standIn('arm', { failure: 'slow', match: 'doomed', times: 4, delayMs: 400 })
    const calls = Array.from({ length: 4 }, (_, at) =>
      chat({ key: player.key, content: 'doomed', stream: at % 2 === 0, baseUrl: doomed.url }).catch(
        () => null,
      ),
    )
    await waitFor(async () => {
      const open = await world.redis<string[]>('HVALS', 'usage:open')
      const { requests } = await world.standIn<{ requests: { body: string }[] }>('requests')
      if (requests.filter(({ body }) => body.includes('doomed')).length < 4) return false
      return open.filter((text) => text.includes(`"userId":${player.id},`)).length === 4
    })
    process.kill(doomed.pid, 'SIGKILL')
    await Promise.all(calls)
    await doomed.close()
    // A call is charged again when others are found to have been beside it.
    const drawn = () => world.sql`
      select split_part(key, ':', 2) as row, sum(amount)::int as amount from quota_ledger
      where user_id = ${player.id} and kind = 'use' group by 1 having sum(amount) <> 0`
    const usage = () => world.sql`
      select error_code, quota from usage_logs where user_id = ${player.id}`
    // There are more to be looked at than one run can, who come first, and stay for long.
    const others = Array.from({ length: 1_200 }, (_, at) => 1_000_000 + at)
    await world.redis('ZADD', 'quota:due', ...others.flatMap((id) => [1, id]))
    await world.redis('HSET', 'quota:due-until', ...others.flatMap((id) => [id, Date.now() + 1e7]))
    await waitFor(async () => {
      await Promise.all([world.cron(OFTEN, 0), world.cron(OFTEN, 1)])
      return (await drawn()).length === 4 && (await usage()).length === 4
    }, 30_000)
    for (let run = 0; run < 3; run++)
      await Promise.all([world.cron(OFTEN, 0), world.cron(OFTEN, 1)])
    expect(await usage()).toHaveLength(4)
    expect((await usage()).every((row) => row.error_code === 'interrupted')).toBe(true)
    const amounts = (await drawn()).map((row) => Number(row.amount))
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(-4 * PRICE)
    expect((await rowsOf(player)).every((row) => row.cookie_id === owner.accounts[0])).toBe(true)
    await balanceOf(player)
    await close(player)
    expect(await world.redis('ZCARD', 'quota:due')).toBeGreaterThanOrEqual(1_200)
    await world.redis('DEL', 'quota:due', 'quota:due-until')
  })
})

describe('somebody whose consumption cannot be read', () => {
  const due = (player: Player) => world.redis<string | null>('ZSCORE', 'quota:due', player.id)

  it('is looked at again until it can, however late that is', async () => {
    const player = await world.newPlayer(1)
    await world.redis('ZADD', 'quota:due', Date.now(), player.id)
    await world.redis('HSET', 'quota:due-until', player.id, Date.now() - 60_000)
    const path = '/api/quotas/consumption'
    await world.standIn('arm', { failure: 'http_error', path, times: 1 })
    await world.cron(OFTEN)
    expect(await due(player)).not.toBeNull()
    await world.redis('ZADD', 'quota:due', Date.now(), player.id)
    await world.cron(OFTEN)
    expect(await due(player)).toBeNull()
  })
})
