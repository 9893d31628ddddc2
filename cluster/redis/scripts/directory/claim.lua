#!lua flags=allow-oom
-- ARGV: prefix, tag, room, life, the term that it holds against
local prefix, tag, room, life, seenTerm = unpack(ARGV)
local place = key(prefix, tag, 'o', room)
if redis.call('HGET', place, 'term') == seenTerm and redis.call('HEXISTS', place, 'n:' .. life) == 1 then
  redis.call('HSET', place, 'owner', life)
  redis.call('HINCRBY', place, 'term', 1)
  tell(prefix, tag, room)
end
return redis.call('HGETALL', place)
