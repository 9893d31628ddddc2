#!lua flags=allow-oom
-- ARGV: prefix, tag, room, the epoch that was seen, another one. Answers the epoch that holds; nil where it is not known.
local tag, room = ARGV[2], ARGV[3]
local epoch, newest, oldest, id, trimmed = head_of(tag, room)
if not epoch then return false end
if epoch ~= ARGV[4] then return epoch end
redis.call(
  'HSET', key_of('m', tag, room),
  'e', ARGV[5], 's', newest, 'f', oldest, 'id', id, 'tid', trimmed
)
return ARGV[5]
