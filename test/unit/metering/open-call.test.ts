import { expect, it, vi } from 'vitest'
import type { BatchCtx } from '../../../src/metering/usage/batch.ts'
import { noteClosed, openCall } from '../../../src/metering/usage/open-call.ts'
import type { UsageRow } from '../../../src/metering/usage/row.ts'

/** A Redis whose marks stay on their way until they are let go. */
function slowRedis() {
  const open = new Set<string>()
  const underWay: (() => void)[] = []
  const hset = async (_: string, entries: Record<string, string>) => {
    await new Promise<void>((resolve) => underWay.push(resolve))
    for (const id of Object.keys(entries)) open.add(id)
  }
  const hdel = async (_: string, ...ids: string[]) => {
    for (const id of ids) open.delete(id)
  }
  const pipeline = () => {
    const commands: (() => Promise<unknown>)[] = []
    const self = {
      hset(key: string, entries: Record<string, string>) {
        commands.push(() => hset(key, entries))
        return self
      },
      expire: () => self,
      exec: () => Promise.all(commands.map((command) => command())),
    }
    return self
  }
  return { open, underWay, redis: { hset, hdel, pipeline } }
}

it.each([
  ['refused', true],
  ['settled', false],
])('a mark that comes after its call was %s goes again', async (how, isDiscarded) => {
  const { open, underWay, redis } = slowRedis()
  const work: Promise<unknown>[] = []
  const ctx = {
    config: { CALL_LEASE_SECONDS: 30 },
    clock: { now: Date.now },
    services: { redis },
    waitUntil: (promise: Promise<unknown>) => work.push(promise),
  } as unknown as BatchCtx
  const call = openCall(ctx, how, () => ({ id: how }) as UsageRow)
  await vi.waitFor(() => expect(underWay).toHaveLength(1))
  if (isDiscarded) call.discard()
  else {
    call.close()
    noteClosed([how])
    await redis.hdel('usage:open', how)
  }
  underWay[0]?.()
  await Promise.all(work)
  expect(open).toEqual(new Set())
})
