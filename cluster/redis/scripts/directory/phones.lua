#!lua flags=allow-oom
-- ARGV: prefix, life, then for each change: tag, identity, milliseconds for which it has phones at this life; 0: it has none.
-- ph:I is a sorted set: life, scored by when its last phone is gone. It goes by itself then: nobody has to sweep after the dead.
local prefix, life = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for at = 3, #ARGV, 3 do
  local place = key(prefix, ARGV[at], 'ph', ARGV[at + 1])
  local ms = tonumber(ARGV[at + 2])
  if ms > 0 then redis.call('ZADD', place, now + ms, life) else redis.call('ZREM', place, life) end
  redis.call('ZREMRANGEBYSCORE', place, '-inf', now)
  local last = redis.call('ZREVRANGE', place, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', place, math.ceil(tonumber(last[2]))) end
end
return redis.status_reply('OK')
