import { sha256Hex } from '../../platform/crypto/hash.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { defineScript } from '../../platform/script.ts'

/** RFC 8628 §3.2: how long the codes are good, and how often a device may ask. */
export const DEVICE_SECONDS = 600
export const POLL_SECONDS = 5

/**
 * KEYS device · ARGV nowMs, intervalMs · A device that asks before its time is told to slow down, and has to wait
 * five seconds longer from then on (§3.5).
 *
 * @returns state, the sealed code or '', client id; state is 'slow' for one that was too fast
 */
const POLL = `
local d = redis.call('HMGET', KEYS[1], 'state', 'code', 'client', 'asked', 'interval')
if not d[1] then return { 'gone', '', '' } end
local interval = tonumber(d[5] or ARGV[2])
local isFast = d[4] and tonumber(ARGV[1]) - tonumber(d[4]) < interval
if isFast then redis.call('HSET', KEYS[1], 'interval', interval + 5000) end
redis.call('HSET', KEYS[1], 'asked', ARGV[1])
return { isFast and 'slow' or d[1], d[2] or '', d[3] }`

/** KEYS device · ARGV state, sealed code or '' · 1 when nobody had decided before. */
const DECIDE = `
if redis.call('HGET', KEYS[1], 'state') ~= 'pending' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'code', ARGV[2])
return 1`

const pollScript = defineScript<[string, string, string]>(POLL)
const decideScript = defineScript<number>(DECIDE)

const deviceKey = (deviceHash: string) => `oauth-device:${deviceHash}`
const userCodeKey = (userCode: string) => `oauth-user-code:${userCode}`

/** What a device asks for, while somebody decides. */
export interface DeviceRequest {
  clientId: string
  scopes: string[]
  resources: string[]
}

export async function putDevice(
  redis: RedisClient,
  deviceCode: string,
  userCode: string,
  request: DeviceRequest,
): Promise<boolean> {
  const hash = sha256Hex(deviceCode)
  const [isNew] = await redis
    .multi()
    .set(userCodeKey(userCode), hash, { nx: true, ex: DEVICE_SECONDS })
    .hset(deviceKey(hash), {
      state: 'pending',
      client: request.clientId,
      request: JSON.stringify(request),
    })
    .expire(deviceKey(hash), DEVICE_SECONDS)
    .exec<[string | null, number, number]>()
  return isNew !== null
}

/** @returns null for a code that is nobody's, or that was decided about */
export async function findDevice(redis: RedisClient, userCode: string) {
  const hash = await redis.get<string>(userCodeKey(userCode))
  if (hash === null) return null
  const [state, request] = (await redis.hmget(deviceKey(hash), 'state', 'request')) as unknown as (
    | string
    | null
  )[]
  if (state !== 'pending' || !request) return null
  return { hash, request: JSON.parse(request) as DeviceRequest }
}

/** @returns false when somebody had decided before */
export async function decideDevice(
  redis: RedisClient,
  hash: string,
  state: 'approved' | 'denied',
  code = '',
): Promise<boolean> {
  return (await decideScript.run(redis, [deviceKey(hash)], [state, code])) === 1
}

export async function pollDevice(redis: RedisClient, deviceCode: string, nowMs: number) {
  const key = deviceKey(sha256Hex(deviceCode))
  const [state, code, clientId] = await pollScript.run(redis, [key], [nowMs, POLL_SECONDS * 1000])
  return { state, code, clientId }
}
