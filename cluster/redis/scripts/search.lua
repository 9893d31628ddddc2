#!lua flags=no-writes
-- ARGV: prefix, tag, room, the newest number to look at, how many to look at, results at most, then what each text must have.
-- Answers the number to go on from (0: there are no older ones), and for each result its number, body and what changed it.
local tag, room = ARGV[2], ARGV[3]
local from, looks, limit = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local head = redis.call('HMGET', key_of('m', tag, room), 's', 'f')
if not head[1] then return { '0' } end
local seq, oldest = math.min(from, tonumber(head[1])), tonumber(head[2])
local last = math.max(oldest, seq - looks + 1)
local texts, bodies, amended = key_of('s', tag, room), key_of('l', tag, room), key_of('x', tag, room)
local words = {}
for at = 7, #ARGV do words[#words + 1] = ARGV[at] end

-- Words stand behind the sender and a zero.
local function matches(text)
  local from = string.find(text, '\0', 1, true)
  for _, word in ipairs(words) do
    if not string.find(text, word, from, true) then return false end
  end
  return true
end

local reply, found = { '0' }, 0
while seq >= last do
  local list, place = place_of(texts, seq)
  local some = math.min(seq - last + 1, place + 1)
  local slice = slice_of(list, place - some + 1, some)
  for at = #slice, 1, -1 do
    if slice[at] ~= '' and matches(slice[at]) then
      local body_list, body_place = place_of(bodies, seq)
      reply[#reply + 1] = seq
      reply[#reply + 1] = redis.call('LINDEX', body_list, body_place)
      reply[#reply + 1] = redis.call('HGET', amended, seq) or ''
      found = found + 1
    end
    seq = seq - 1
    if found == limit then break end
  end
  if found == limit then break end
end
if seq >= oldest then reply[1] = seq end
return reply
