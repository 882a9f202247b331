-- The digits of a stored result are not there any more: take the pointer away, so that the next submission starts anew.
-- KEYS computation waiters attempts log
-- ARGV run keep_s keep_run_s
-- Returns 1, or 0 if the computation has moved on, or jobs that wait for it have to be ended first
local c = redis.call('HMGET', KEYS[1], 'state', 'run')
if c[1] ~= 'stored' or c[2] ~= ARGV[1] or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HDEL', KEYS[1], 'result', 'digits') -- first, so that a full Redis lets the rest through
redis.call('HSET', KEYS[1], 'state', 'collecting')
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[3])
redis.call('EXPIRE', KEYS[4], ARGV[3])
return 1
