#!lua flags=allow-oom
-- ARGV: prefix, life, what the sets are called, then for each change: tag, identity, milliseconds for which it has phones or
-- calls at this life; 0: it has none. ph:I and ca:I are sorted sets: life, scored by when the last one there is gone. They go by
-- themselves then: nobody has to sweep after the dead.
local prefix, life, keys = ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for at = 4, #ARGV, 3 do
  local place = key(prefix, ARGV[at], keys, ARGV[at + 1])
  local ms = tonumber(ARGV[at + 2])
  if ms > 0 then redis.call('ZADD', place, now + ms, life) else redis.call('ZREM', place, life) end
  redis.call('ZREMRANGEBYSCORE', place, '-inf', now)
  local last = redis.call('ZREVRANGE', place, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', place, math.ceil(tonumber(last[2]))) end
end
return redis.status_reply('OK')
