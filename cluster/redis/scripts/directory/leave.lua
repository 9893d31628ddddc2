#!lua flags=allow-oom
-- ARGV: prefix, tag, room, life
leave(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return redis.status_reply('OK')
