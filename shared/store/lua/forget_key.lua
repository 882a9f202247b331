-- Free an idempotency key whose request came to nothing.
-- KEYS key
-- ARGV job_or_batch
local k = redis.call('HMGET', KEYS[1], 'job', 'batch')
if k[1] == ARGV[1] or k[2] == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
