-- Append lines to the log of a run, and forget the oldest.
-- KEYS attempts log
-- ARGV fingerprint most line ...
-- Returns 1, or 0 if the run is gone
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[2], unpack(ARGV, 3))
redis.call('LTRIM', KEYS[2], -ARGV[2], -1)
redis.call('HINCRBY', KEYS[1], 'lines', #ARGV - 2)
local left = redis.call('TTL', KEYS[1])
if left > 0 then redis.call('EXPIRE', KEYS[2], left) end
redis.call('PUBLISH', 'nm:changes', ARGV[1] .. ' -')
return 1
