import { createHash } from 'node:crypto'
import { stack } from './stack.ts'

/** Sends one command to the shared Redis, past the Worker. */
export const redis = redisOf(stack.bindings)

/** The same for the Redis of another stack. */
export function redisOf(bindings: Record<string, string>) {
  return async <Result = unknown>(...command: (string | number)[]): Promise<Result> => {
    const response = await fetch(bindings.UPSTASH_REDIS_REST_URL ?? '', {
      method: 'POST',
      headers: { authorization: `Bearer ${bindings.UPSTASH_REDIS_REST_TOKEN}` },
      body: JSON.stringify(command),
    })
    return ((await response.json()) as { result: Result }).result
  }
}

/** Where Redis keeps what it knows of a person and of their key. */
export function snapshotKeys({ id, key }: { id: number; key: string }): string[] {
  return [`principal:${createHash('sha256').update(key).digest('hex')}`, `person:${id}`]
}

/** As if all of a person's refresh tokens had been exchanged longer ago than one may be used again. */
export async function letLeewayPass(userId: number): Promise<void> {
  for (const sid of await redis<string[]>('ZRANGE', `user-sessions:${userId}`, 0, -1))
    await redis('HSET', `session:${sid}`, 'rotated', '0')
}

/** As if the moment had come that a job of cron has noted. */
export const makeDue = (job: string, ask = redis) => ask('SET', `once:${job}-due`, '0')

/** What the stores have been asked since `mark`; for counting round trips. */
export async function storeRequests() {
  const [redisLog, sqlLog] = await Promise.all([
    readLog(new URL('/__requests', stack.bindings.UPSTASH_REDIS_REST_URL), true),
    readLog(new URL('/__requests', stack.bindings.NEON_FETCH_ENDPOINT), false),
  ])
  return { redis: redisLog, sql: sqlLog }
}

async function readLog(url: URL, needsToken: boolean) {
  const response = await fetch(url, {
    headers: needsToken
      ? { authorization: `Bearer ${stack.bindings.UPSTASH_REDIS_REST_TOKEN}` }
      : {},
  })
  return (await response.json()) as { seq: number; requests: { seq: number }[] }
}
