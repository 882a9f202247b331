-- Enter a job into its owner's index, unless the owner has too many open ones.
-- KEYS jobs open
-- ARGV id created_ms first_check_ms most_open
-- Returns 1, or 0 if refused
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 1 end -- the first call went through, but its answer was lost on its way
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return 0 end
-- Checks go by Redis's clock: those of the API and of the reconciler may differ.
local t = redis.call('TIME')
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[2], t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[3], ARGV[1])
return 1
