/**
 * What scripts find as globals: the libraries of Lua 5.1 as Redis 7.0 offers them, read-only, on top of
 * a Lua 5.3. It is called with a table of native functions and answers the environment of scripts,
 * and the table behind it, into which KEYS and ARGV are set.
 */
export const PRELUDE = `
local native = ...
local G, env = {}, {}

local function readonly() error('Attempt to modify a readonly table', 2) end
local protected = {}
local function protect(proxy, table)
  protected[proxy] = true
  return setmetatable(proxy, { __index = table, __newindex = readonly, __metatable = false })
end
local function pick(from, names)
  local chosen = {}
  for name in names:gmatch('%S+') do chosen[name] = from[name] end
  return chosen
end

for name, value in pairs(pick(_G, [[assert collectgarbage error getmetatable ipairs next pairs
  rawequal rawget select setmetatable tostring type xpcall]])) do G[name] = value end
G._VERSION = 'Lua 5.1'
G._G = env
G.unpack = table.unpack

function G.rawset(target, key, value)
  if protected[target] then error('Attempt to modify a readonly table', 0) end
  return rawset(target, key, value)
end
G.rawset = native.wrap(G.rawset)

-- As in Redis, a caught error of a command is its text.
local function caught(ok, first, ...)
  if not ok and type(first) == 'table' and type(first.err) == 'string' then first = first.err end
  return ok, first, ...
end
function G.pcall(...) return caught(pcall(...)) end

-- Lua 5.1 leaves numbers to strtod, which knows these, too.
function G.tonumber(value, ...)
  local number = tonumber(value, ...)
  if number == 0 and type(value) == 'string' and value:find('^%s*-') then return 0 / -1 end
  if number == nil and type(value) == 'string' then
    local sign, name = value:lower():match('^%s*([-+]?)(%a+)%s*$')
    if name == 'inf' or name == 'infinity' then
      number = sign == '-' and -math.huge or math.huge
    elseif name == 'nan' then
      number = 0 / 0
    end
  end
  return number
end

function G.loadstring(source, name)
  return load(native.check(source), name or source, 't', env)
end
G.loadstring = native.wrap(G.loadstring)
function G.load(reader, name)
  if type(reader) ~= 'function' then
    error("bad argument #1 to 'load' (function expected, got " .. type(reader) .. ')', 2)
  end
  local parts = {}
  for part in reader do
    if part == '' then break end
    parts[#parts + 1] = part
  end
  return G.loadstring(table.concat(parts), name or '=(load)')
end

local str = pick(string, 'byte char find gmatch gsub len lower match rep reverse sub upper')
local format = string.format
local function integers(args, count, spec, position)
  local conversion = spec:sub(-1)
  if conversion == '%' then return spec, position end
  position = position + 1
  local value = tonumber(args[position])
  if (conversion == 'd' or conversion == 'i') and value and position <= count
    and not spec:find('.', 1, true) then
    args[position] = value < 0 and math.ceil(value) or math.floor(value)
    return spec:sub(1, -2) .. '.0f', position
  end
  local kind = type(args[position])
  -- C prints up to a NUL, which Lua 5.1 avoids for long strings only.
  if conversion == 's' and kind == 'string' and #args[position] < 100 then
    local nul = args[position]:find('\\0', 1, true)
    if nul then args[position] = args[position]:sub(1, nul - 1) end
  end
  if conversion == 's' and kind ~= 'string' and kind ~= 'number' then
    error('bad argument #' .. position + 1 .. " to 'format' (string expected, got "
      .. (position > count and 'no value' or kind) .. ')', 6)
  end
  return spec, position
end
-- %d of a Lua 5.3 wants 32 bits; a timestamp has more.
function str.format(pattern, ...)
  if type(pattern) ~= 'string' then return format(pattern, ...) end
  local args, count, position = { ... }, select('#', ...), 0
  local changed = pattern:gsub('%%[-+ #0]*%d*%.?%d*[%a%%]', function(spec)
    local result
    result, position = integers(args, count, spec, position)
    return result
  end)
  return format(changed, table.unpack(args, 1, count))
end
str.format = native.wrap(str.format)
getmetatable('').__index = str
getmetatable('').__metatable = false
G.string = protect({}, str)

local tab = pick(table, 'concat insert remove sort')
function tab.getn(list) return #list end
function tab.maxn(list)
  local max = 0
  for key in pairs(list) do if type(key) == 'number' and key > max then max = key end end
  return max
end
function tab.foreach(list, call)
  for key, value in pairs(list) do
    local result = call(key, value)
    if result ~= nil then return result end
  end
end
function tab.foreachi(list, call)
  for i = 1, #list do
    local result = call(i, list[i])
    if result ~= nil then return result end
  end
end
G.table = protect({}, tab)

local maths = pick(math, [[abs acos asin atan ceil cos deg exp floor fmod huge max min modf pi rad
  random randomseed sin sqrt tan]])
local log = math.log
function maths.log(x) return log(x) end
function maths.log10(x) return log(x, 10) end
function maths.pow(x, y) return x ^ y end
function maths.mod(x, y) return maths.fmod(x, y) end
function maths.atan2(y, x) return math.atan(y, x) end
function maths.sinh(x) return (maths.exp(x) - maths.exp(-x)) / 2 end
function maths.cosh(x) return (maths.exp(x) + maths.exp(-x)) / 2 end
function maths.tanh(x) return 1 - 2 / (maths.exp(2 * x) + 1) end
G.math = protect({}, maths)

G.redis = protect({}, native.redis)
G.cjson = protect({}, native.cjson)
G.bit = protect({}, native.bit)

setmetatable(G, { __index = function(_, name)
  error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
end })
protect(env, G)
return env, G
`
