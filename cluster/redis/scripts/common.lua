-- What the scripts share; it stands at the head of each. The names of keys: docs/adr/0014-log-in-redis.md.
-- A body is three parts, of which the first two have no line break: hash, header (JSON: message id, time, kind, sender, client
-- id, thread, mentions or 0), payload. Bodies and texts are in lists of 512, each at the place that its number gives it.
local prefix = ARGV[1]
local chunk_size = 512

local function key_of(kind, tag, room)
  return prefix .. ':{' .. tag .. '}:' .. kind .. ':' .. room
end

-- The key of the list, and the place in it.
local function place_of(lists, seq)
  local place = (seq - 1) % chunk_size
  local chunk = (seq - 1 - place) / chunk_size
  return lists .. ':' .. chunk, place, chunk
end

-- So many from a place on, as far as its list goes. Fewer are there when Redis threw a key away: who went on to look for them
-- would stop it for everybody.
local function slice_of(list, place, count)
  count = math.min(count, chunk_size - place)
  local slice = redis.call('LRANGE', list, place, place + count - 1)
  if #slice ~= count then error('the records of a room are not where they should be') end
  return slice
end

local function header_of(body)
  return cjson.decode(string.match(body, '^[^\n]*\n([^\n]*)'))
end

-- An epoch is the same whenever it is asked for, and nothing is kept of a room that nobody wrote to.
local function first_epoch(secret, room)
  return string.sub(redis.sha1hex(secret .. room), 1, 12)
end

-- Epoch, newest, oldest, id of the newest, id of the one that was trimmed last; nothing where there is no secret yet.
local function head_of(tag, room)
  local head = redis.call('HMGET', key_of('m', tag, room), 'e', 's', 'f', 'id', 'tid')
  if head[1] then
    return head[1], tonumber(head[2]), tonumber(head[3]), head[4], head[5]
  end
  local secret = redis.call('GET', prefix .. ':{' .. tag .. '}:sec')
  if not secret then return nil end
  return first_epoch(secret, room), 0, 1, '', ''
end
