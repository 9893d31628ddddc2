#!lua
-- Appends records of rooms. ARGV: prefix, origin, a random text, number of rooms; for each room its name, tag and number of
-- records; for each record its flags (m: a message, r: only as a retry), message id, sender and client id, body, text to
-- search, and further things as JSON: mentions n, thread t, amendment a, facts f (as a text), fence e.
-- Answers for each room its epoch, the number of the first record, the id of the one before it, a letter for each record, and
-- for each D the number and the header of the earlier one.
local origin, random = ARGV[2], ARGV[3]
local max_members = 100

local call, format = redis.call, string.format

local base, room
local function key(kind)
  return base .. kind .. ':' .. room
end

-- Of the room that is at hand: what is appended and not written yet. A number that is handed to Redis is printed as a fraction
-- each time, which costs more than the call: here they become texts once.
local bodies, texts, names, waiting, named = {}, {}, {}, 0, 0
local seq, seq_text, names_key
local chunks = {}

local function flush()
  if waiting == 0 then return end
  local place = (seq - 1) % chunk_size
  local chunk = (seq - 1 - place) / chunk_size
  local suffix = chunks[chunk]
  if not suffix then
    suffix = format(':%d', chunk)
    chunks[chunk] = suffix
  end
  suffix = ':' .. room .. suffix
  -- Only the first of a list makes it: one that is missing was lost, and must not be taken for an empty one.
  local push = place < waiting and 'RPUSH' or 'RPUSHX'
  local length
  if waiting == 1 then
    length = call(push, base .. 'l' .. suffix, bodies[1])
    call('RPUSH', base .. 's' .. suffix, texts[1])
  else
    length = call(push, base .. 'l' .. suffix, unpack(bodies, 1, waiting))
    call('RPUSH', base .. 's' .. suffix, unpack(texts, 1, waiting))
  end
  if length ~= place + 1 then
    error('the records of a room are not where they should be')
  end
  if named == 4 then call('HSET', names_key, names[1], names[2], names[3], names[4])
  elseif named > 0 then call('HSET', names_key, unpack(names, 1, named)) end
  waiting, named = 0, 0
end

-- What most records need nothing of: making the functions takes longer than a call of Redis, so it is done for the first that
-- does.
local function make_rare()
  local function mention_of(identity, seq)
    return identity .. '\0' .. string.format('%016.0f', seq)
  end

  local function set_mentions(header, seq, on)
    if type(header[7]) ~= 'table' then return end
    for _, identity in ipairs(header[7]) do
      if not on then redis.call('ZREM', key('n'), mention_of(identity, seq))
      elseif identity ~= header[4] then redis.call('ZADD', key('n'), 0, mention_of(identity, seq)) end
    end
  end

  local function rewrite(seq, payload, without_hash)
    local list, at = place_of(key('l'), seq)
    local body = redis.call('LINDEX', list, at)
    local hash, header = string.match(body, '^([^\n]*)\n([^\n]*)')
    if without_hash then hash = '' end
    redis.call('LSET', list, at, hash .. '\n' .. header .. '\n' .. payload)
    return cjson.decode(header)
  end

  local function set_text(seq, text)
    local list, at = place_of(key('s'), seq)
    redis.call('LSET', list, at, text)
  end

  local function mark(state, change)
    local sets = state.m or {}
    for at, set in ipairs(sets) do
      if set[1] == change.key then
        for _, member in ipairs(set[2]) do
          if member == change.member then return end
        end
        if #set[2] >= max_members then return 'T' end
        table.insert(set[2], change.member)
        return
      end
    end
    if #sets >= change.maxKeys then return 'T' end
    table.insert(sets, { change.key, { change.member } })
    state.m = sets
  end

  local function unmark(state, change)
    for at, set in ipairs(state.m or {}) do
      if set[1] == change.key then
        for place, member in ipairs(set[2]) do
          if member == change.member then table.remove(set[2], place) break end
        end
        if #set[2] == 0 then table.remove(state.m, at) end
        break
      end
    end
    if state.m and #state.m == 0 then state.m = nil end
  end

  local function replace(target, change, seq)
    local header = rewrite(target, change.payload)
    set_text(target, change.text == '' and '' or header[4] .. '\0' .. change.text)
    set_mentions(header, target, change.text ~= '')
    local edits = key('e') .. ':' .. target
    local last = redis.call('LINDEX', edits, -1)
    if last then rewrite(tonumber(last), '') end
    redis.call('RPUSH', edits, seq)
  end

  local function empty(seq, payload)
    set_mentions(rewrite(seq, payload, true), seq, false)
    set_text(seq, '')
  end

  local function erase(target, change)
    empty(target, change.payload)
    local edits = key('e') .. ':' .. target
    for _, edit in ipairs(redis.call('LRANGE', edits, 0, -1)) do
      empty(tonumber(edit), '')
      redis.call('HSET', key('x'), edit, '{"e":1}')
    end
    redis.call('DEL', edits)
  end

  -- The letter of a refusal, or nothing. seq: of the record that amends.
  local function amend(change, seq)
    local target = not string.find(change.target, '\0', 1, true) and redis.call('HGET', key('d'), change.target)
    if not target then return 'M' end
    local known = redis.call('HGET', key('x'), target)
    local state = known and cjson.decode(known) or {}
    if state.e then return 'X' end
    local at = tonumber(target)
    if change.kind == 'mark' then
      local refusal = mark(state, change)
      if refusal then return refusal end
    elseif change.kind == 'unmark' then unmark(state, change)
    elseif change.kind == 'replace' then replace(at, change, seq)
    else
      erase(at, change)
      state = { e = 1 }
    end
    state.a = seq
    redis.call('HSET', key('x'), target, cjson.encode(state))
  end

  local function set_facts(text)
    for name, value in pairs(cjson.decode(text)) do
      if value == cjson.null then redis.call('HDEL', key('k'), name)
      else redis.call('HSET', key('k'), name, value) end
    end
  end

  -- C, or D with the number and the header of the record that was appended with the same client id.
  local function earlier_of(known, body)
    local number, kept = string.match(known, '^(%d+)\n(.*)$')
    if not number then
      local list, place = place_of(key('l'), tonumber(known))
      number, kept = known, redis.call('LINDEX', list, place)
    end
    local hash, header = string.match(kept, '^([^\n]*)\n([^\n]*)')
    if hash ~= '' and hash ~= string.match(body, '^[^\n]*') then return 'C' end
    return 'D', number, header
  end

  -- The letter of a refusal, or nothing.
  local function refusal_of(flags, more)
    if string.find(flags, 'r', 1, true) then return 'N' end
    if not more then return nil end
    if more.e and tostring(more.e) ~= redis.call('HGET', key('o'), 'term') then return 'O' end
    if more.a then
      flush()
      return amend(more.a, seq + 1)
    end
  end

  return { set_mentions = set_mentions, set_facts = set_facts, earlier_of = earlier_of, refusal_of = refusal_of }
end

local rare
local reply, replied = {}, 0
local lengths, pushed = {}, {}
local bases = {}
local push_head = '1 l ' .. origin .. '\n'
local at = 5
for _ = 1, tonumber(ARGV[4]) do
  local tag, count = ARGV[at + 1], tonumber(ARGV[at + 2])
  room = ARGV[at]
  base = bases[tag]
  if not base then
    base = prefix .. ':{' .. tag .. '}:'
    bases[tag] = base
  end
  at = at + 3
  local head_key = base .. 'm:' .. room
  names_key = base .. 'd:' .. room
  local known_head = call('HMGET', head_key, 'e', 's', 'f', 'id')
  local epoch, head, first, previous = known_head[1], 0, 1, ''
  local is_new = not epoch
  if epoch then
    head, first, previous = tonumber(known_head[2]), tonumber(known_head[3]), known_head[4]
  else
    local secret = call('GET', base .. 'sec')
    if not secret then
      secret = random
      call('SET', base .. 'sec', random)
    end
    epoch = first_epoch(secret, room)
  end
  local id, letters, earlier = previous, '', nil
  local appended, parts = 0, 0
  -- Client ids of this call that are not written yet.
  local fresh = count > 1 and {} or nil
  seq = head
  local first_text = format('%d', head + 1)

  for _ = 1, count do
    local flags, message_id, client, body = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local text, extra = ARGV[at + 4], ARGV[at + 5]
    at = at + 6
    local letter, known
    if client ~= '' then
      if fresh and fresh[client] then flush() end
      known = call('HGET', names_key, client)
    end
    if known then
      local number, header
      rare = rare or make_rare()
      letter, number, header = rare.earlier_of(known, body)
      if number then
        earlier = earlier or {}
        earlier[#earlier + 1] = number
        earlier[#earlier + 1] = header
      end
    else
      local more = extra ~= '' and cjson.decode(extra) or nil
      if more or flags == 'r' or flags == 'mr' then
        rare = rare or make_rare()
        letter = rare.refusal_of(flags, more)
      end
      if not letter then
        letter = 'A'
        seq = seq + 1
        seq_text = appended == 0 and first_text or format('%d', seq)
        id = message_id
        waiting, appended, parts = waiting + 1, appended + 1, parts + 1
        bodies[waiting], texts[waiting] = body, text
        pushed[parts], lengths[appended] = body, format('%d', #body)
        if client ~= '' then
          names[named + 1], names[named + 2], named = client, seq_text, named + 2
          if fresh then fresh[client] = true end
        end
        if flags == 'm' then
          names[named + 1], names[named + 2], named = message_id, seq_text, named + 2
        end
        if more then
          if more.n then rare.set_mentions(header_of(body), seq, true) end
          if more.t then redis.call('ZADD', key('h') .. '/' .. more.t, seq, seq) end
          if more.f then
            rare.set_facts(more.f)
            parts = parts + 1
            pushed[parts], lengths[appended] = more.f, #body .. ':' .. #more.f
          end
        end
        if seq % chunk_size == 0 then flush() end
      end
    end
    letters = letters .. letter
  end
  flush()

  if appended > 0 then
    if is_new then call('HSET', head_key, 'e', epoch, 's', seq_text, 'id', id)
    else call('HSET', head_key, 's', seq_text, 'id', id) end
    if head < first then
      call('HSETNX', head_key, 'f', first)
      call('HSETNX', head_key, 'tid', '')
      call('ZADD', base .. 'rooms', 0, room)
      call('PERSIST', names_key)
      call('PERSIST', key('dx'))
    end
    local all, sizes
    if parts == 1 then all, sizes = pushed[1], lengths[1]
    else all, sizes = table.concat(pushed, '', 1, parts), table.concat(lengths, ' ', 1, appended) end
    call(
      'PUBLISH', base .. 'ch:' .. room,
      push_head .. epoch .. '\n' .. first_text .. '\n' .. previous .. '\n' .. sizes .. '\n' .. all
    )
  end
  reply[replied + 1], reply[replied + 2], reply[replied + 3] = epoch, first_text, previous
  reply[replied + 4], replied = letters, replied + 4
  for index = 1, earlier and #earlier or 0 do reply[replied + index] = earlier[index] end
  replied = replied + (earlier and #earlier or 0)
end
return reply
