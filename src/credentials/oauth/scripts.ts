/**
 * Every change of a grant is one Lua script, as with sessions: the keys are declared, and the caller
 * passes the time.
 *
 * A grant is what one authorization has given an application: its record is the truth, and a token of it
 * only names it. It counts while the person's `generation` of sessions is the one it was made under, while
 * the person's name for the application (`apps`) is, and, unless it may outlive it, while its session is
 * there. So ending all of a person's sessions, or all that an application has, is one write.
 */

const IS_GONE = `
local function isGone(g, keys)
  if not g[3] then return true end
  if g[1] ~= '' then
    if g[2] ~= redis.call('GET', keys.generation) then return true end
    if g[4] ~= redis.call('HGET', keys.apps, g[3]) then return true end
    if g[5] ~= '' then
      local s = redis.call('HMGET', keys.session, 'uid', 'gen')
      if s[1] ~= g[1] or s[2] ~= g[2] then return true end
    end
  end
  return false
end`

/**
 * Opens what a one-time proof (a code) gives; the second use of the proof ends it.
 *
 * KEYS used mark, grant, generation, apps, session · ARGV request id, nowMs, ttlMs, usedMs, longestMs, uid or '',
 * generation, client id, app name, session id or '', then field and value of the rest …
 *
 * @returns 'opened' | 'replayed' | 'gone'
 */
export const OPEN_GRANT = `${IS_GONE}
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[4]) then
  -- The client sends a script again whose answer was lost: it has done its work already.
  if redis.call('GET', KEYS[1]) == ARGV[1] then return 'opened' end
  redis.call('DEL', KEYS[2])
  return 'replayed'
end
local keys = { generation = KEYS[3], apps = KEYS[4], session = KEYS[5] }
if isGone({ ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10] }, keys) then return 'gone' end
redis.call('HSET', KEYS[2], 'uid', ARGV[6], 'gen', ARGV[7], 'cid', ARGV[8], 'app', ARGV[9],
  'sid', ARGV[10], unpack(ARGV, 11))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if ARGV[6] ~= '' then
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
  redis.call('PEXPIRE', KEYS[4], ARGV[5])
end
return 'opened'`

/**
 * Puts the next refresh token in the place of the one that is used. Another one than the current is a
 * replay, which ends the grant; within the leeway the one before it gets the same successor again.
 *
 * KEYS grant, generation, apps, session · ARGV client id, hash, next hash, request id, nowMs, ttlMs, leewayMs,
 * longestMs
 *
 * @returns 'rotated' | 'replayed' | 'gone'
 */
export const ROTATE_GRANT = `${IS_GONE}
local g = redis.call('HMGET', KEYS[1], 'uid', 'gen', 'cid', 'app', 'sid', 'refresh', 'previous', 'rotated', 'by')
local keys = { generation = KEYS[2], apps = KEYS[3], session = KEYS[4] }
if g[3] ~= ARGV[1] or not g[6] or isGone(g, keys) then return 'gone' end
if g[6] ~= ARGV[2] then
  if g[9] == ARGV[4] then return 'rotated' end
  if g[7] == ARGV[2] and tonumber(ARGV[5]) - tonumber(g[8]) <= tonumber(ARGV[7]) then return 'rotated' end
  redis.call('DEL', KEYS[1])
  return 'replayed'
end
redis.call('HSET', KEYS[1], 'refresh', ARGV[3], 'previous', ARGV[2], 'rotated', ARGV[5], 'by', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[8])
redis.call('PEXPIRE', KEYS[3], ARGV[8])
return 'rotated'`

/** KEYS grant · ARGV client id · Ends a grant of this client; 1 when there was one. */
export const END_GRANT = `
if redis.call('HGET', KEYS[1], 'cid') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/**
 * KEYS apps, generation · ARGV client id, a fresh name, ttlMs
 *
 * @returns the person's name for the application, which there is from now on, and their generation or ''
 */
export const ENSURE_APP = `
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { redis.call('HGET', KEYS[1], ARGV[1]), redis.call('GET', KEYS[2]) or '' }`
