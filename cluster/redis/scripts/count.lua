#!lua flags=no-writes
-- ARGV: prefix; for each reader the room's name and tag, the number behind which he counts, his identity, and a limit.
-- Answers for each the messages of others and the mentions, newest first until the limit.
local max_looks = 20000
local at_once = 128
local reply = {}
for at = 2, #ARGV, 5 do
  local room, tag, identity = ARGV[at], ARGV[at + 1], ARGV[at + 3]
  local after, limit = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 4])
  local messages, mentions = 0, 0
  local head = redis.call('HMGET', key_of('m', tag, room), 's', 'f')
  if head[1] then
    local seq, last = tonumber(head[1]), math.max(after + 1, tonumber(head[2]))
    last = math.max(last, seq - max_looks + 1)
    local own = identity .. '\0'
    local texts = key_of('s', tag, room)
    while seq >= last and messages < limit do
      local list, place = place_of(texts, seq)
      local some = math.min(at_once, seq - last + 1, place + 1)
      for _, text in ipairs(redis.call('LRANGE', list, place - some + 1, place)) do
        if text ~= '' and string.sub(text, 1, #own) ~= own then messages = messages + 1 end
      end
      seq = seq - some
    end
    local from = '[' .. own .. string.format('%016.0f', math.max(after + 1, tonumber(head[2])))
    mentions = redis.call('ZLEXCOUNT', key_of('n', tag, room), from, '(' .. identity .. '\1')
  end
  reply[#reply + 1] = math.min(messages, limit)
  reply[#reply + 1] = math.min(mentions, limit)
end
return reply
