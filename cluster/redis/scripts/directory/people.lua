#!lua flags=allow-oom
-- ARGV: prefix, life, then for each change: '+' or '-', tag, identity
local prefix, life = ARGV[1], ARGV[2]
for at = 3, #ARGV, 3 do
  local command = ARGV[at] == '+' and 'SADD' or 'SREM'
  local tag, identity = ARGV[at + 1], ARGV[at + 2]
  redis.call(command, key(prefix, tag, 'u', identity), life)
  redis.call(command, key(prefix, tag, 'nu', life), identity)
end
return redis.status_reply('OK')
