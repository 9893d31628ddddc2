#!lua flags=allow-oom
-- ARGV: prefix, life, when its lease ran out as the caller read it; '': it had none; '*': whatever it is
local prefix, life, seen = unpack(ARGV)
local base = prefix .. ':{n}:'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if seen ~= '*' and redis.call('ZSCORE', base .. 'dead', life) then return 0 end
local expires = redis.call('ZSCORE', base .. 'nodes', life)
if seen == '' and expires then return 0 end
-- Another lease than the one that ran out: it has beaten since.
if seen ~= '' and seen ~= '*' and (expires ~= seen or tonumber(expires) >= now) then return 0 end
redis.call('ZREM', base .. 'nodes', life)
redis.call('HDEL', base .. 'info', life)
redis.call('HDEL', base .. 'beats', life)
redis.call('ZADD', base .. 'dead', now, life)
redis.call('ZADD', base .. 'unswept', now, life)
redis.call('PUBLISH', base .. 'ch', '1 d ' .. life)
return 1
