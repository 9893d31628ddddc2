-- Shared by the scripts of rooms. o:R is a hash: owner, term, opts, ctl, c (counts who entered), n:<life> -> that count then.
-- terms: the highest term that a room of the tag had when it was forgotten. Somebody may still write in it.
local function key(prefix, tag, kind, name)
  return prefix .. ':{' .. tag .. '}:' .. kind .. ':' .. name
end

local function tell(prefix, tag, room)
  local place = redis.call('HGETALL', key(prefix, tag, 'o', room))
  redis.call('PUBLISH', key(prefix, tag, 'ch', room), '1 o ' .. cjson.encode(place))
end

local function forgotten_term(prefix, tag)
  return tonumber(redis.call('GET', prefix .. ':{' .. tag .. '}:terms') or 0)
end

local function forget(prefix, tag, place)
  local term = tonumber(redis.call('HGET', place, 'term') or 0)
  if term > forgotten_term(prefix, tag) then redis.call('SET', prefix .. ':{' .. tag .. '}:terms', term) end
  redis.call('DEL', place)
end

-- The room goes to who has been in it for longest; with nobody left it is forgotten.
local function leave(prefix, tag, room, life)
  local place = key(prefix, tag, 'o', room)
  redis.call('SREM', key(prefix, tag, 'nr', life), room)
  if redis.call('HDEL', place, 'n:' .. life) == 0 then return end
  local fields = redis.call('HGETALL', place)
  local nextOwner, first, owner
  for at = 1, #fields, 2 do
    local name, value = fields[at], fields[at + 1]
    if name == 'owner' then owner = value end
    if string.sub(name, 1, 2) == 'n:' and (not first or tonumber(value) < first) then
      first, nextOwner = tonumber(value), string.sub(name, 3)
    end
  end
  if not nextOwner then
    forget(prefix, tag, place)
  elseif owner == life then
    redis.call('HSET', place, 'owner', nextOwner)
    redis.call('HINCRBY', place, 'term', 1)
    tell(prefix, tag, room)
  end
end
