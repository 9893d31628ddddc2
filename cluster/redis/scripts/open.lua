#!lua flags=no-writes
-- ARGV: prefix; for each room its name and tag. Answers for each room its head and an array of its facts and their values; nil
-- where the epoch is not known, because the partition has no secret yet.
local reply = {}
for at = 2, #ARGV, 2 do
  local room, tag = ARGV[at], ARGV[at + 1]
  local epoch, newest, oldest, id, trimmed = head_of(tag, room)
  if not epoch then return false end
  local place = #reply
  reply[place + 1], reply[place + 2], reply[place + 3] = epoch, newest, oldest
  reply[place + 4], reply[place + 5], reply[place + 6] = id, trimmed, redis.call('HGETALL', key_of('k', tag, room))
end
return reply
