#!lua flags=no-writes
-- ARGV: prefix, tag, room, after or before, the number, records at most, bytes at most; with a thread its id.
-- Answers the head, the id of the record that `after` names, whether there are more, and for each record its number, body and
-- what changed it, in the direction of reading. It may answer fewer than asked for.
local tag, room, direction = ARGV[2], ARGV[3], ARGV[4]
local border, max_records, max_bytes, thread = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local at_once = 64
local epoch, newest, oldest, id, trimmed = head_of(tag, room)
if not epoch then return false end
local bodies, amended = key_of('l', tag, room), key_of('x', tag, room)
local forward = direction == 'after'

local fingerprint = ''
if forward and border >= oldest and border <= newest then
  local list, place = place_of(bodies, border)
  fingerprint = header_of(redis.call('LINDEX', list, place))[1]
end

local reply = { epoch, newest, oldest, id, trimmed, fingerprint, '0' }
local bytes, taken, changed = 0, 0, redis.call('EXISTS', amended) == 1

-- Whether there is space for another one.
local function take(seq, body)
  local place = #reply
  reply[place + 1], reply[place + 2] = seq, body
  reply[place + 3] = changed and redis.call('HGET', amended, seq) or ''
  bytes = bytes + #body - #string.match(body, '^[^\n]*\n[^\n]*\n')
  taken = taken + 1
  return taken < max_records and bytes <= max_bytes
end

local function read_thread()
  local seqs = {}
  local name = key_of('h', tag, room) .. '/' .. thread
  -- Names of clients have a zero.
  local is_id = not string.find(thread, '\0', 1, true)
  local root = is_id and tonumber(redis.call('HGET', key_of('d', tag, room), thread) or nil)
  if forward then seqs = redis.call('ZRANGEBYSCORE', name, '(' .. border, '+inf', 'LIMIT', 0, max_records + 1)
  else seqs = redis.call('ZREVRANGEBYSCORE', name, '(' .. border, '-inf', 'LIMIT', 0, max_records + 1) end
  for at, seq in ipairs(seqs) do seqs[at] = tonumber(seq) end
  if root and ((forward and root > border) or (not forward and root < border)) then
    table.insert(seqs, root)
    table.sort(seqs, function(one, other) if forward then return one < other end return one > other end)
  end
  for at, seq in ipairs(seqs) do
    local list, place = place_of(bodies, seq)
    if not take(seq, redis.call('LINDEX', list, place)) then return at < #seqs end
  end
  return false
end

local function read_forward()
  local seq = math.max(border + 1, oldest)
  while seq <= newest do
    local list, place = place_of(bodies, seq)
    local some = math.min(at_once, max_records - taken, newest - seq + 1)
    for _, body in ipairs(slice_of(list, place, some)) do
      if not take(seq, body) then return seq < newest end
      seq = seq + 1
    end
  end
  return false
end

local function read_backward()
  local seq = math.min(border - 1, newest)
  while seq >= oldest do
    local list, place = place_of(bodies, seq)
    local some = math.min(at_once, max_records - taken, seq - oldest + 1, place + 1)
    local slice = slice_of(list, place - some + 1, some)
    for at = #slice, 1, -1 do
      if not take(seq, slice[at]) then return seq > oldest end
      seq = seq - 1
    end
  end
  return false
end

local more = false
if thread then more = thread ~= '' and read_thread()
elseif forward then more = read_forward()
else more = read_backward() end
if more then reply[7] = '1' end
return reply
