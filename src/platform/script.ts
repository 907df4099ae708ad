import type { RedisClient } from './redis.ts'

/** A Lua script that is sent by its digest, and whole only to a server that does not know it yet. */
export interface RedisScript<Result> {
  run(redis: RedisClient, keys: string[], args: (string | number)[]): Promise<Result>
}

/** @param source every key that it touches must be among its KEYS */
export function defineScript<Result>(source: string): RedisScript<Result> {
  let prepared: { redis: RedisClient; script: ReturnType<RedisClient['createScript']> } | undefined
  return {
    async run(redis, keys, args) {
      // The client belongs to the isolate; the digest is computed once for it.
      if (prepared?.redis !== redis) prepared = { redis, script: redis.createScript(source) }
      const script = prepared.script as { exec(keys: string[], args: string[]): Promise<unknown> }
      return (await script.exec(keys, args.map(String))) as Result
    },
  }
}
