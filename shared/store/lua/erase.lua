-- Say that a job is to be erased from the history, and not to be entered there.
-- KEYS finished refused erase
-- ARGV id now_ms
redis.call('ZREM', KEYS[1], ARGV[1]) -- first, so that a full Redis lets the rest through
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 1
