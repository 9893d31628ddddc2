#!lua flags=allow-oom
-- ARGV: prefix, tag, room, life, options, owner and term as the caller knows them ('' and 0: not at all), a term that the first
-- one of a room must be beyond
local prefix, tag, room, life, options, seenOwner, seenTerm, floor = unpack(ARGV)
local place = key(prefix, tag, 'o', room)
redis.call('SADD', key(prefix, tag, 'nr', life), room)
local term = redis.call('HGET', place, 'term')
if not term then
  local before = math.max(tonumber(seenTerm), tonumber(floor), forgotten_term(prefix, tag))
  redis.call('HSET', place, 'owner', life, 'term', before + 1, 'opts', options, 'ctl', '')
elseif tonumber(seenTerm) > tonumber(term) then
  -- It is an older copy of what the nodes know.
  redis.call('HSET', place, 'owner', seenOwner, 'term', seenTerm)
  tell(prefix, tag, room)
end
if redis.call('HEXISTS', place, 'n:' .. life) == 0 then
  redis.call('HSET', place, 'n:' .. life, redis.call('HINCRBY', place, 'c', 1))
end
return redis.call('HGETALL', place)
