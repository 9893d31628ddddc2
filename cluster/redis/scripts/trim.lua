#!lua flags=allow-oom
-- ARGV: prefix, tag, room, forget what is before this time, and all but so many (0: no limit), the time now, records at most.
-- Answers how many were forgotten, and whether more of them are to be.
local tag, room = ARGV[2], ARGV[3]
local before, keep, now, at_most = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local remember_ms = 24 * 60 * 60 * 1000
local clients, remembered = key_of('d', tag, room), key_of('dx', tag, room)

local function forget_clients()
  local gone = redis.call('ZRANGEBYSCORE', remembered, '-inf', '(' .. now - remember_ms, 'LIMIT', 0, at_most)
  for _, client in ipairs(gone) do redis.call('HDEL', clients, client) end
  if #gone > 0 then redis.call('ZREM', remembered, unpack(gone)) end
  return #gone == at_most
end

local epoch, newest, oldest = head_of(tag, room)
-- Without an epoch there is no record in the whole partition; but people may have been here.
if not epoch then newest, oldest = 0, 1 end
local head, bodies, texts = key_of('m', tag, room), key_of('l', tag, room), key_of('s', tag, room)
local amended, mentions = key_of('x', tag, room), key_of('n', tag, room)
local spare_up_to = keep > 0 and newest - keep or 0

-- Of what goes: names to forget at once, and those to remember with what is said of them.
local names, kept, times = {}, {}, {}
local function forget(seq, body, header)
  local id, at, kind, sender, client, thread = unpack(header)
  if kind == 'message' then names[#names + 1] = id end
  if redis.call('HDEL', amended, seq) == 1 then redis.call('DEL', key_of('e', tag, room) .. ':' .. seq) end
  if thread ~= '' then redis.call('ZREM', key_of('h', tag, room) .. '/' .. thread, seq) end
  if type(header[7]) == 'table' then
    for _, identity in ipairs(header[7]) do
      redis.call('ZREM', mentions, identity .. '\0' .. string.format('%016.0f', seq))
    end
  end
  if client == '' then return end
  local name = sender .. '\0' .. client
  if at < now - remember_ms then names[#names + 1] = name
  else
    kept[#kept + 1], kept[#kept + 2] = name, seq .. '\n' .. string.match(body, '^[^\n]*') .. '\n' .. cjson.encode({ id, at })
    times[#times + 1], times[#times + 2] = at, name
  end
end

local function forget_names()
  if #names > 0 then redis.call('HDEL', clients, unpack(names)) end
  if #kept == 0 then return end
  redis.call('HSET', clients, unpack(kept))
  redis.call('ZADD', remembered, unpack(times))
end

-- The places before `place` stay, with nothing in them.
local function blank(list, place)
  if place == 0 then return end
  local nothing = {}
  for at = 1, place do nothing[at] = '' end
  redis.call('LTRIM', list, place, -1)
  redis.call('LPUSH', list, unpack(nothing))
end

-- Goes on from seq as long as records are to be forgotten. The number of the first one that stays for now.
local last_id
local function forget_from(seq)
  while seq <= newest and seq < oldest + at_most do
    local list, place = place_of(bodies, seq)
    local some = math.min(64, newest - seq + 1, oldest + at_most - seq)
    for _, body in ipairs(slice_of(list, place, some)) do
      local header = header_of(body)
      if seq > spare_up_to and header[2] >= before then return seq, false end
      forget(seq, body, header)
      last_id = header[1]
      seq = seq + 1
    end
  end
  if seq > newest then return seq, false end
  local list, place = place_of(bodies, seq)
  return seq, seq <= spare_up_to or header_of(redis.call('LINDEX', list, place))[2] < before
end

local first, more = forget_from(oldest)
if first > oldest then
  -- Whole lists go; in the one that is still in use the places stay.
  local _, _, chunk = place_of(bodies, oldest)
  local list, place, used = place_of(bodies, first)
  local text_list = place_of(texts, first)
  for gone = chunk, used - 1 do
    redis.call('UNLINK', bodies .. ':' .. gone, texts .. ':' .. gone)
  end
  blank(list, place)
  blank(text_list, place)
  forget_names()
  redis.call('HSET', head, 'f', first, 'tid', last_id)
  redis.call('PUBLISH', key_of('ch', tag, room), '1 t ' .. epoch .. '\n' .. first .. '\n' .. last_id)
  if first > newest then
    -- Nobody trims it any more: what is still remembered goes by itself.
    redis.call('ZREM', prefix .. ':{' .. tag .. '}:rooms', room)
    redis.call('PEXPIRE', clients, remember_ms + 3600000)
    redis.call('PEXPIRE', remembered, remember_ms + 3600000)
  end
end
if first > newest and redis.call('EXISTS', key_of('k', tag, room)) == 0 then
  redis.call('UNLINK', key_of('w', tag, room), key_of('wt', tag, room))
end
if forget_clients() then more = true end
return { first - oldest, more and 1 or 0 }
