/**
 * Every change of a session is one Lua script, so that no interleaving leaves a half-made one. The
 * keys are declared, and no script asks the server for the time: the caller passes it.
 *
 * `generation` is a random name for the present set of a person's sessions. Each session carries
 * the name it was opened under and counts only while the two are equal, so that ending all sessions
 * is one write, and losing any key ends sessions and never revives one.
 */

/**
 * KEYS session, user-sessions, generation · ARGV uid, sid, nowMs, ttlMs, generationTtlMs,
 * expected generation or '', a fresh generation, then field and value of the record …
 *
 * @returns how many sessions the person has now, or -1 when all sessions were ended meanwhile
 */
export const OPEN = `
local generation = redis.call('GET', KEYS[3])
if ARGV[6] ~= '' and ARGV[6] ~= generation then return -1 end
generation = generation or ARGV[7]
redis.call('SET', KEYS[3], generation, 'PX', ARGV[5])
redis.call('HSET', KEYS[1], 'uid', ARGV[1], 'gen', generation, unpack(ARGV, 8))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[3] + ARGV[4], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return redis.call('ZCARD', KEYS[2])`

/**
 * Exchanges the refresh token's id. A token that is not the current one is a replay, which ends the
 * session; within the leeway the token before the current one gets the pair that it was exchanged for,
 * if it comes from where it was exchanged.
 * Without a next token the current one stays as it is.
 *
 * KEYS session, user-sessions, generation · ARGV uid, sid, token id, next token id, nowMs, ttlMs,
 * leewayMs, sealed pair or '', place, ip, user agent, generationTtlMs
 *
 * @returns 'rotated' | 'current' | 'replayed' | 'gone' | the sealed pair
 */
export const ROTATE = `
local s = redis.call('HMGET', KEYS[1], 'uid', 'gen', 'refresh', 'previous', 'rotated', 'pair', 'place')
if s[1] ~= ARGV[1] or s[2] ~= redis.call('GET', KEYS[3]) then return 'gone' end
-- The client sends a script again whose answer was lost: it has done its work already.
if s[3] == ARGV[4] then return 'rotated' end
if s[3] ~= ARGV[3] then
  if s[4] == ARGV[3] and s[6] and s[6] ~= '' and s[7] == ARGV[9]
    and tonumber(ARGV[5]) - tonumber(s[5]) <= tonumber(ARGV[7]) then
    return s[6]
  end
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[2])
  return 'replayed'
end
if ARGV[4] == '' then return 'current' end
redis.call('HSET', KEYS[1], 'refresh', ARGV[4], 'previous', ARGV[3], 'rotated', ARGV[5],
  'pair', ARGV[8], 'seen', ARGV[5], 'place', ARGV[9], 'ip', ARGV[10], 'ua', ARGV[11])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('ZADD', KEYS[2], ARGV[5] + ARGV[6], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[12])
redis.call('PEXPIRE', KEYS[3], ARGV[12])
return 'rotated'`

/** KEYS generation · ARGV a fresh generation, ttlMs · The present generation, which exists from now on. */
export const ENSURE_GENERATION = `
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return redis.call('GET', KEYS[1])`

/** KEYS session, user-sessions · ARGV uid, sid · 1 when the session was that person's and is ended now. */
export const END = `
if redis.call('HGET', KEYS[1], 'uid') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1`

/**
 * KEYS user-sessions, generation, session to keep · ARGV uid, fresh generation, generationTtlMs,
 * sid to keep or ''
 *
 * @returns the ids of the sessions that have ended
 */
export const END_ALL = `
local before = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
local kept = ''
if ARGV[4] ~= '' then
  local s = redis.call('HMGET', KEYS[3], 'uid', 'gen')
  if s[1] == ARGV[1] and before and s[2] == before then
    redis.call('HSET', KEYS[3], 'gen', ARGV[2])
    kept = ARGV[4]
  end
end
local ended = {}
for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if sid ~= kept then
    ended[#ended + 1] = sid
    redis.call('ZREM', KEYS[1], sid)
  end
end
return ended`

/** KEYS session · ARGV field, value … · Changes a record that is there; never makes one. */
export const UPDATE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1`
