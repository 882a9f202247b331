-- Enter a job into its owner's index, unless the owner has too many open ones.
-- KEYS jobs open
-- ARGV id created_ms check_ms most_open
-- Returns 1, or 0 if refused
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
