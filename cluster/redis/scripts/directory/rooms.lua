-- Shared by the scripts of rooms. o:R is a hash: owner, term, opts, ctl, c (counts who entered), n:<life> -> that count then.
local function key(prefix, tag, kind, name)
  return prefix .. ':{' .. tag .. '}:' .. kind .. ':' .. name
end

local function tell(prefix, tag, room)
  local place = redis.call('HGETALL', key(prefix, tag, 'o', room))
  redis.call('PUBLISH', key(prefix, tag, 'ch', room), '1 o ' .. cjson.encode(place))
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
    redis.call('DEL', place)
  elseif owner == life then
    redis.call('HSET', place, 'owner', nextOwner)
    redis.call('HINCRBY', place, 'term', 1)
    tell(prefix, tag, room)
  end
end
