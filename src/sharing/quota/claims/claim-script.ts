import { RECOVERY_DIVISOR } from '../pools/accrual.ts'

/** So many slices have to be left for one to be taken ahead. */
export const PLENTY = 4

/** So many changes that run side by side are told apart. */
const REMEMBERED_CHANGES = 50

/**
 * What isolates hold of the things that are shared out: a pool, a person's calls under way, what a
 * key may use. Each is a hash: `p` is the copy of what PostgreSQL knows, `c:<isolate>` is what that
 * isolate holds, `<amount>:<until>:<floor>:<sequence>...`; what has run out counts nothing. One script
 * does everything, so that what all of them hold together never exceeds what there is.
 *
 * A change may come twice, as the client tries again, or after the isolate has given it up: then it
 * does nothing. The isolate waits for no change below the floor any more; the sequences are those of
 * the changes from there on that have come.
 *
 * `p` is `balance:accruedAt:remainder:ceiling:version:shared:dedicated`, see `accrual.ts`; without a
 * ceiling the balance stands still.
 *
 * A copy that comes from PostgreSQL says during which epoch it was read. Where Redis has none, one of
 * another epoch may be older than what Redis has forgotten: it is not taken, nor does the other hash count
 * then, which is older still.
 *
 * KEYS for each thing: its hash, and the hash whose `p` counts while it has none of its own; then,
 *   where there are fields to drop, their hash; and the epoch
 * ARGV isolate, nowMs, claim TTL in ms, key TTL in ms, number of fields to drop, the name of an epoch
 *   that begins now if none is known; then for each thing
 *   known      what the isolate believes that it holds
 *   floor      number of the first change that it waits for; if that is this one, it knows for sure
 *   sequence   number of this change
 *   owed       what it gives back
 *   take       what it needs more
 *   slice      what it would like beside that, given only where there is plenty
 *   capacity   how much there is; '' to work it out from `p`
 *   fill       a newer `p`, `@`, and the epoch in which it was read; or ''
 *   isForced   1: taken even if there is not enough
 *   and at the end the fields to drop
 *
 * @returns `granted`, or `refused`, or `unknown` where there is no `p`; which thing it was; the epoch;
 *   and for each thing: what was taken, what is still free, `p`, and whether it is of its own hash. Somebody with dedicated accounts is
 *   never refused a pool: then nothing is taken from it.
 */
export const CLAIM = `
local me, now = 'c:' .. ARGV[1], tonumber(ARGV[2])
local until_ = now + tonumber(ARGV[3])
local function parts(text)
  local out = {}
  for piece in string.gmatch(text, '[^:]+') do out[#out + 1] = tonumber(piece) end
  return out
end
local verdict, at, things = 'granted', 0, {}
local drop = tonumber(ARGV[5])
local epoch = redis.call('GET', KEYS[#KEYS])
if not epoch then
  epoch = ARGV[6]
  redis.call('SET', KEYS[#KEYS], epoch)
end
for i = 1, math.floor((#KEYS - 1) / 2) do
  local key, a = KEYS[2 * i - 1], 6 + (i - 1) * 9
  local known, floor, sequence = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local owed, take, slice = tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6])
  local capacity, fill, isForced = ARGV[a + 7], ARGV[a + 8], ARGV[a + 9] == '1'
  local p, stored, others = false, nil, 0
  local all = redis.call('HGETALL', key)
  for f = 1, #all, 2 do
    local field, value = all[f], all[f + 1]
    if field == 'p' then
      p = value
    else
      local claim = parts(value)
      if claim[2] <= now then
        if field ~= me then redis.call('HDEL', key, field) end
      elseif field == me then
        stored = claim
      else
        others = others + claim[1]
      end
    end
  end
  local split = string.find(fill, '@', 1, true)
  if split then
    local copy, readIn = string.sub(fill, 1, split - 1), string.sub(fill, split + 1)
    if (p and parts(copy)[5] >= parts(p)[5]) or (not p and readIn == epoch) then
      p = copy
      redis.call('HSET', key, 'p', p)
      redis.call('PEXPIRE', key, ARGV[4])
    elseif not p then
      redis.call('HDEL', KEYS[2 * i], 'p')
    end
  end
  local isOwn = p and 1 or 0
  p = p or (KEYS[2 * i] ~= key and redis.call('HGET', KEYS[2 * i], 'p'))
  local amount, dedicated = tonumber(capacity), 0
  if not amount and p then
    local s = parts(p)
    amount, dedicated = s[1], s[7]
    if s[4] > 0 then
      local elapsed = math.max(0, now - s[2])
      local missing = s[4] - s[1]
      if missing > 0 then
        elapsed = math.min(elapsed, math.ceil(missing * ${RECOVERY_DIVISOR} / s[4]))
        amount = math.min(s[4], s[1] + math.floor((s[3] + s[4] * elapsed) / ${RECOVERY_DIVISOR}))
      end
    end
  end
  local mine, isNew, isAlone, came = known, true, floor == sequence, {}
  if stored then
    isNew = sequence >= stored[3]
    floor = math.max(floor, stored[3])
    for n = math.max(4, #stored - ${REMEMBERED_CHANGES}), #stored do
      if stored[n] == sequence then isNew = false end
      if stored[n] > sequence then isAlone = false end
      if stored[n] >= floor then came[#came + 1] = stored[n] end
    end
    if not (isAlone and isNew) then mine = stored[1] end
  end
  if isNew then
    came[#came + 1] = sequence
    mine = math.max(0, mine - owed)
  end
  local free = (amount or 0) - others - mine
  local more = isNew and take or 0
  if not amount then
    if verdict == 'granted' then verdict, at = 'unknown', i end
  elseif more > 0 and free < more and not isForced then
    if dedicated > 0 then
      take, more, slice = 0, 0, 0
    elseif verdict == 'granted' then
      verdict, at = 'refused', i
    end
  end
  if isNew and slice > 0 and free - more >= ${PLENTY} * slice then take, more = take + slice, more + slice end
  local claim = { mine + more, until_, floor, unpack(came) }
  for n = 1, #claim do claim[n] = string.format('%.0f', claim[n]) end
  things[i] = {
    claim = table.concat(claim, ':'), isGone = isAlone and isNew and mine + more == 0,
    taken = take, more = more, free = free, p = p or '', isOwn = isOwn,
  }
end
local out = { verdict, tostring(at), epoch }
for i, thing in ipairs(things) do
  local key, taken, free = KEYS[2 * i - 1], 0, thing.free
  if verdict == 'granted' then
    taken, free = thing.taken, free - thing.more
    if thing.isGone then
      redis.call('HDEL', key, me)
    else
      redis.call('HSET', key, me, thing.claim)
      redis.call('PEXPIRE', key, ARGV[4])
    end
  end
  out[#out + 1] = string.format('%.0f', taken)
  out[#out + 1] = string.format('%.0f', free)
  out[#out + 1] = thing.p
  out[#out + 1] = tostring(thing.isOwn)
end
if drop > 0 then redis.call('HDEL', KEYS[#KEYS - 1], unpack(ARGV, #ARGV - drop + 1)) end
return out`
