#!lua flags=allow-oom
-- ARGV: prefix, tag, room, term, control
local prefix, tag, room, term, control = unpack(ARGV)
local place = key(prefix, tag, 'o', room)
if redis.call('HGET', place, 'term') ~= term then return 0 end
redis.call('HSET', place, 'ctl', control)
return 1
