#!lua
-- ARGV: prefix; for each watermark the room's name and tag, the identity, how far delivered, how far read.
for at = 2, #ARGV, 5 do
  local room, tag, identity = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local delivered, read = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local marks, moves = key_of('w', tag, room), key_of('wt', tag, room)
  local known = redis.call('HGET', marks, identity) or '0:0'
  local was_delivered, was_read = string.match(known, '^(%d+):(%d+)$')
  was_delivered, was_read = tonumber(was_delivered), tonumber(was_read)
  if delivered > was_delivered or read > was_read then
    local last = redis.call('ZREVRANGE', moves, 0, 0, 'WITHSCORES')
    redis.call('ZADD', moves, (tonumber(last[2]) or 0) + 1, identity)
    local moved = string.format('%.0f:%.0f', math.max(delivered, was_delivered), math.max(read, was_read))
    redis.call('HSET', marks, identity, moved)
  end
end
