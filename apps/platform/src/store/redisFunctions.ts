/**
 * What runs inside Redis or Valkey (7 or newer), as a library of functions: each one is atomic, and is replicated and written to the
 * append-only file as a whole (docs/adr/0019-redis-engine.md). Lua, because that is what both run.
 *
 * Keys, all under one prefix that holds the hash tag of the platform:
 * - `document:<kind>` hash of id -> version, line feed, JSON; `ids` hash of kind -> version of its set of ids;
 * - `channel:<id>` stream of events, the place is the id; `tail` hash of channel -> last place, trimmed place, version;
 * - `due` sorted set of timer names by time; `timer` hash of name -> JSON;
 * - `held:<channel>` hash of token -> first place that is held, until when; `holds` sorted set of channel and token by time;
 * - `line:<channel>` who delivers a callback line; `work` stream of lines with news; `pendingGet:<channel>` whose P-GET it is.
 */
import { createHash } from 'node:crypto';

const body = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function versionOf(value)
  if not value then return '0' end
  return string.sub(value, 1, string.find(value, '\\n', 1, true) - 1)
end

local function tailOf(prefix, channel)
  return redis.call('HGET', prefix .. 'tail', channel) or '0:0:0'
end

local function placesOf(tail)
  local last, trimmed = string.match(tail, '^(%d+):(%d+):')
  return last, trimmed
end

local function heldFrom(prefix, channel)
  local first = nil
  local at = now()
  for _, text in ipairs(redis.call('HVALS', prefix .. 'held:' .. channel)) do
    local seq, expiry = string.match(text, '^(%d+):(%d+)$')
    if tonumber(expiry) > at and (first == nil or tonumber(seq) < first) then first = tonumber(seq) end
  end
  if first == nil then return '' end
  return string.format('%.0f', first)
end

local function dueNow(prefix, through, limit)
  local names = redis.call('ZRANGEBYSCORE', prefix .. 'due', '-inf', through, 'LIMIT', 0, limit)
  if #names == 0 then return '' end
  return table.concat(redis.call('HMGET', prefix .. 'timer', unpack(names)), '\\n')
end

-- Each check says what the caller believes; its answer is what is so, or nil when the caller is right.
local checks = {}
function checks.document(prefix, kind, id, version)
  local value = redis.call('HGET', prefix .. 'document:' .. kind, id)
  if versionOf(value) ~= version then return { value or '' } end
end
function checks.ids(prefix, kind, version)
  local is = redis.call('HGET', prefix .. 'ids', kind) or '0'
  if is ~= version then return { is, redis.call('HKEYS', prefix .. 'document:' .. kind) } end
end
function checks.queue(prefix, channel, tail, from)
  local is = tailOf(prefix, channel)
  if is == tail then return nil end
  if from == '' then return { is, '', {} } end
  local found = {}
  for _, entry in ipairs(redis.call('XRANGE', prefix .. 'channel:' .. channel, from, '+', 'COUNT', 400)) do
    found[#found + 1] = entry[2][2]
  end
  return { is, from, found }
end
function checks.timer(prefix, name, text)
  local is = redis.call('HGET', prefix .. 'timer', name) or ''
  if is ~= text then return { is } end
end
function checks.due(prefix, through, limit, text)
  local is = dueNow(prefix, through, limit)
  if is ~= text then return { is } end
end
function checks.held(prefix, channel, text)
  local is = heldFrom(prefix, channel)
  if is ~= text then return { is } end
end

local writes = {}
function writes.put(prefix, version, kind, id, text)
  local created = redis.call('HSET', prefix .. 'document:' .. kind, id, version .. '\\n' .. text)
  if created == 1 then redis.call('HSET', prefix .. 'ids', kind, version) end
end
function writes.delete(prefix, version, kind, id)
  if redis.call('HDEL', prefix .. 'document:' .. kind, id) == 1 then redis.call('HSET', prefix .. 'ids', kind, version) end
end
function writes.append(prefix, version, channel, seq, text)
  local _, trimmed = placesOf(tailOf(prefix, channel))
  redis.call('XADD', prefix .. 'channel:' .. channel, seq .. '-0', 'e', text)
  redis.call('HSET', prefix .. 'tail', channel, seq .. ':' .. trimmed .. ':' .. version)
end
function writes.trim(prefix, version, channel, through)
  local last, trimmed = placesOf(tailOf(prefix, channel))
  local stop = math.min(tonumber(through), tonumber(last))
  if stop <= tonumber(trimmed) then return end
  if stop == tonumber(last) then redis.call('UNLINK', prefix .. 'channel:' .. channel)
  else redis.call('XTRIM', prefix .. 'channel:' .. channel, 'MINID', string.format('%.0f-0', stop + 1)) end
  redis.call('HSET', prefix .. 'tail', channel, last .. ':' .. string.format('%.0f', stop) .. ':' .. version)
end
function writes.forget(prefix, version, channel)
  redis.call('UNLINK', prefix .. 'channel:' .. channel)
  redis.call('HDEL', prefix .. 'tail', channel)
end
function writes.schedule(prefix, version, name, dueAt, text)
  redis.call('ZADD', prefix .. 'due', dueAt, name)
  redis.call('HSET', prefix .. 'timer', name, text)
end
function writes.unschedule(prefix, version, name)
  redis.call('ZREM', prefix .. 'due', name)
  redis.call('HDEL', prefix .. 'timer', name)
end
function writes.hold(prefix, version, channel, token, seq, ms)
  local expiry = string.format('%.0f', now() + ms)
  if seq ~= '0' then
    redis.call('HSET', prefix .. 'held:' .. channel, token, seq .. ':' .. expiry)
    redis.call('PEXPIRE', prefix .. 'held:' .. channel, ms)
  end
  redis.call('ZADD', prefix .. 'holds', expiry, channel .. '\\n' .. token)
end
function writes.tell(prefix, version, topic, text)
  redis.call('PUBLISH', prefix .. 'tell', topic .. '\\n' .. text)
end

-- There is no way back from half of the writes, and of all of them only an event that does not come after the last one is refused.
-- That happens when Redis has lost the tail of a channel, not its events.
local function refusedAppend(prefix, args, at)
  local looked = {}
  while at <= #args do
    local count = tonumber(args[at + 1])
    local channel, seq = args[at + 2], args[at + 3]
    if args[at] == 'append' and not looked[channel] then
      looked[channel] = true
      local newest = redis.call('XREVRANGE', prefix .. 'channel:' .. channel, '+', '-', 'COUNT', 1)[1]
      if newest and tonumber(string.match(newest[1], '^%d+')) >= tonumber(seq) then
        return redis.error_reply('ERR the events of a channel do not fit what is known of its end')
      end
    end
    at = at + 2 + count
  end
end

-- Arguments: version, then checks and, after a bar, writes; each as its name, the number of its arguments, and these.
-- Answers what was believed wrongly, as pairs of the number of the check and what is so; when there is nothing, all is written.
local function commit(keys, args)
  local prefix, version, at = keys[1], args[1], 2
  local wrong, number = {}, 0
  while at <= #args and args[at] ~= '|' do
    local count = tonumber(args[at + 1])
    local is = checks[args[at]](prefix, unpack(args, at + 2, at + 1 + count))
    if is then
      wrong[#wrong + 1] = number
      wrong[#wrong + 1] = is
    end
    at, number = at + 2 + count, number + 1
  end
  if #wrong > 0 then return wrong end
  at = at + 1
  local refused = refusedAppend(prefix, args, at)
  if refused then return refused end
  while at <= #args do
    local count = tonumber(args[at + 1])
    writes[args[at]](prefix, version, unpack(args, at + 2, at + 1 + count))
    at = at + 2 + count
  end
  return wrong
end

-- The channel may be delivered: callback lines become work for one node, all else is said to every node.
local function announce(prefix, channel)
  if string.sub(channel, 1, 8) == 'service:' then redis.call('XADD', prefix .. 'work', '*', 'c', channel)
  else redis.call('PUBLISH', prefix .. 'tell', 'wake\\n' .. channel) end
end

local function letGo(prefix, channel, token)
  if redis.call('ZREM', prefix .. 'holds', channel .. '\\n' .. token) == 0 then return end
  redis.call('HDEL', prefix .. 'held:' .. channel, token)
  announce(prefix, channel)
end

-- Arguments: token, channels.
local function release(keys, args)
  for at = 2, #args do letGo(keys[1], args[at], args[1]) end
  return 0
end

-- Lets go of what nobody released in time, because its node is gone.
local function sweep(keys)
  local late = redis.call('ZRANGEBYSCORE', keys[1] .. 'holds', '-inf', now(), 'LIMIT', 0, 200)
  for _, member in ipairs(late) do
    local channel, token = string.match(member, '^(.*)\\n(.*)$')
    letGo(keys[1], channel, token)
  end
  return #late
end

-- Arguments: channel, priority, milliseconds. Answers the number of the claim, which is higher than every earlier one's; 0 = refused.
local function claimGet(keys, args)
  local key = keys[1] .. 'pendingGet:' .. args[1]
  local _, priority = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  if priority and tonumber(priority) > tonumber(args[2]) then return 0 end
  local claim = redis.call('INCR', keys[1] .. 'claims')
  redis.call('SET', key, claim .. ':' .. args[2], 'PX', args[3])
  redis.call('PUBLISH', keys[1] .. 'tell', 'claimed\\n' .. claim .. ':' .. args[1])
  return claim
end

-- Arguments: channel, claim, milliseconds (0 = it is over), and again.
local function keepGets(keys, args)
  for at = 1, #args, 3 do
    local key = keys[1] .. 'pendingGet:' .. args[at]
    local claim = string.match(redis.call('GET', key) or '', '^(%d+):')
    if claim == args[at + 1] then
      if args[at + 2] == '0' then redis.call('UNLINK', key) else redis.call('PEXPIRE', key, args[at + 2]) end
    end
  end
  return 0
end

local function done(prefix, item)
  redis.call('XACK', prefix .. 'work', 'nodes', item)
  redis.call('XDEL', prefix .. 'work', item)
end

-- Arguments: channel, token, item, milliseconds. Whoever has the line has an item that is not acknowledged, so another one is not needed.
local function takeLine(keys, args)
  local prefix, key = keys[1], keys[1] .. 'line:' .. args[1]
  local holder = redis.call('HGET', key, 'token')
  if holder and holder ~= args[2] then
    -- Its own item, claimed before its time is over: should the holder be dead, the item is all that is left of the line.
    if redis.call('HGET', key, 'item') ~= args[3] then
      redis.call('HSET', key, 'again', 1)
      done(prefix, args[3])
    end
    return 0
  end
  redis.call('HSET', key, 'token', args[2], 'item', args[3])
  redis.call('PEXPIRE', key, args[4])
  return 1
end

-- Arguments: consumer, milliseconds, then channel, token, item and again. Answers the channels that another node has taken.
local function keepLines(keys, args)
  local lost = {}
  for at = 3, #args, 3 do
    local key = keys[1] .. 'line:' .. args[at]
    if redis.call('HGET', key, 'token') == args[at + 1] then
      redis.call('PEXPIRE', key, args[2])
      redis.call('XCLAIM', keys[1] .. 'work', 'nodes', args[1], 0, args[at + 2], 'JUSTID')
    else lost[#lost + 1] = args[at] end
  end
  return lost
end

-- Arguments: channel, token, item. Answers 1 when there was news meanwhile: the line is kept, and has to be looked at again.
local function leaveLine(keys, args)
  local key = keys[1] .. 'line:' .. args[1]
  if redis.call('HGET', key, 'token') ~= args[2] then return 0 end
  if redis.call('HDEL', key, 'again') == 1 then return 1 end
  redis.call('UNLINK', key)
  done(keys[1], args[3])
  return 0
end

-- Arguments: channel, token, item. The line is free at once, and what is left is for whoever comes first.
local function giveLineBack(keys, args)
  local key = keys[1] .. 'line:' .. args[1]
  if redis.call('HGET', key, 'token') ~= args[2] then return 0 end
  redis.call('UNLINK', key)
  redis.call('XADD', keys[1] .. 'work', '*', 'c', args[1])
  done(keys[1], args[3])
  return 0
end

-- Arguments: cursor, count. Answers the next cursor, then callback lines that have events and nobody who delivers them, each with its end.
local function idleLines(keys, args)
  local answer = redis.call('HSCAN', keys[1] .. 'tail', args[1], 'MATCH', 'service:*', 'COUNT', args[2])
  local found = { answer[1] }
  for at = 1, #answer[2], 2 do
    local channel, tail = answer[2][at], answer[2][at + 1]
    local last, trimmed = placesOf(tail)
    if last ~= trimmed and redis.call('EXISTS', keys[1] .. 'line:' .. channel) == 0 then
      found[#found + 1] = channel
      found[#found + 1] = tail
    end
  end
  return found
end

-- Arguments: channel.
local function remindLine(keys, args)
  if redis.call('EXISTS', keys[1] .. 'line:' .. args[1]) == 0 then announce(keys[1], args[1]) end
  return 0
end

-- Arguments: name, the text that is expected, the new one.
local function replaceSecret(keys, args)
  local key = keys[1] .. 'secret:' .. args[1]
  if redis.call('GET', key) ~= args[2] then return 0 end
  redis.call('SET', key, args[3])
  return 1
end
`;

const names = [
  'commit',
  'release',
  'sweep',
  'claimGet',
  'keepGets',
  'takeLine',
  'keepLines',
  'leaveLine',
  'giveLineBack',
  'idleLines',
  'remindLine',
  'replaceSecret',
] as const;
export type FunctionName = (typeof names)[number];

// Nodes of two releases may share one Redis while they are replaced, so a library is named after what is in it.
const libraryVersion = createHash('sha256').update(body).digest('hex').slice(0, 12);
export const functionName = (name: FunctionName): string => `bridgedesk_${name}_${libraryVersion}`;

/** For FUNCTION LOAD. */
export const functionLibrary = [
  `#!lua name=bridgedesk_${libraryVersion}`,
  body,
  ...names.map((name) => `redis.register_function('${functionName(name)}', ${name})`),
].join('\n');
