-- Report progress of an attempt.
-- KEYS computation
-- ARGV run attempt progress fingerprint
-- Returns 1, or 0 if the attempt is no longer the caller's
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[1], 'progress') -- first, so that a full Redis lets the rest through
redis.call('HSET', KEYS[1], 'progress', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'reports', 1)
redis.call('PUBLISH', 'nm:changes', ARGV[4] .. ' -')
return 1
