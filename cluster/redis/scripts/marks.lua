#!lua flags=no-writes
-- ARGV: prefix, tag, room, at most. Answers who moved last first, each with how far he is.
local tag, room = ARGV[2], ARGV[3]
local people = redis.call('ZREVRANGE', key_of('wt', tag, room), 0, tonumber(ARGV[4]) - 1)
if #people == 0 then return {} end
return { people, redis.call('HMGET', key_of('w', tag, room), unpack(people)) }
