#!lua flags=allow-oom
-- ARGV: prefix, tag, life, most. Takes a dead life out of the rooms of a tag, and away from its people. Answers whether there is more.
local prefix, tag, life, most = unpack(ARGV)
local rooms = redis.call('SRANDMEMBER', key(prefix, tag, 'nr', life), most)
for _, room in ipairs(rooms) do leave(prefix, tag, room, life) end
local people = redis.call('SPOP', key(prefix, tag, 'nu', life), most)
for _, identity in ipairs(people) do redis.call('SREM', key(prefix, tag, 'u', identity), life) end
return (#rooms == tonumber(most) or #people == tonumber(most)) and 1 or 0
