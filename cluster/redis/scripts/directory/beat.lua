#!lua flags=allow-oom
-- ARGV: prefix, life, info, leaseMs, the data set and the count of own beats as last answered ('' and 0: the first beat of this
-- life), a name for a new data set, the most nodes
local prefix, life, info, leaseMs, seenId, seenBeat, newId, most = unpack(ARGV)
local base = prefix .. ':{n}:'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
leaseMs, seenBeat = tonumber(leaseMs), tonumber(seenBeat)

if redis.call('ZSCORE', base .. 'dead', life) then return { 'BURIED' } end
local id = redis.call('GET', base .. 'id')
if not id then
  id = newId
  redis.call('SET', base .. 'id', id)
end
local isKnown = redis.call('ZSCORE', base .. 'nodes', life)
local beat = tonumber(redis.call('HGET', base .. 'beats', life) or 0)
-- Emptied, or a copy that is older than the last beat.
local isReset = seenBeat > 0 and (id ~= seenId or not isKnown or beat < seenBeat)
if not isKnown and seenBeat == 0 and redis.call('ZCARD', base .. 'nodes') >= tonumber(most) then return { 'FULL' } end

beat = math.max(beat, seenBeat) + 1
redis.call('ZADD', base .. 'nodes', now + leaseMs, life)
redis.call('HSET', base .. 'info', life, info)
redis.call('HSET', base .. 'beats', life, beat)
-- Was the clock of Redis set back, leases reach far into its future.
local late = redis.call('ZRANGEBYSCORE', base .. 'nodes', now + 2 * leaseMs, '+inf')
for _, other in ipairs(late) do redis.call('ZADD', base .. 'nodes', now + leaseMs, other) end

local lives = redis.call('ZRANGE', base .. 'nodes', 0, -1, 'WITHSCORES')
local list = {}
for at = 1, #lives, 2 do
  list[#list + 1] = lives[at]
  list[#list + 1] = lives[at + 1]
  list[#list + 1] = redis.call('HGET', base .. 'info', lives[at]) or ''
end
redis.call('ZREMRANGEBYSCORE', base .. 'dead', '-inf', now - 86400000)
-- A life that begins has heard of none: one of them may stand still, and go on speaking.
local heard = seenBeat > 0 and now - 10 * leaseMs or '-inf'
local dead = redis.call('ZREVRANGEBYSCORE', base .. 'dead', '+inf', heard, 'LIMIT', 0, 1000)
local unswept = redis.call('ZRANGEBYSCORE', base .. 'unswept', '-inf', now - 3 * leaseMs, 'LIMIT', 0, 16)
return { 'OK', id, beat, now, isReset and 1 or 0, list, dead, unswept }
