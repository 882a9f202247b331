-- Say what a worker is and does.
-- KEYS description
-- ARGV text forget_after_ms
redis.call('DEL', KEYS[1]) -- first, so that a full Redis lets the rest through
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
