#!lua flags=allow-oom
-- ARGV: prefix, tag, a random text: what first epochs of the partition are made of, where there is none yet.
redis.call('SET', prefix .. ':{' .. ARGV[2] .. '}:sec', ARGV[3], 'NX')
