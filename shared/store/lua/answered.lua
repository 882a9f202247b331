-- Remember the status that a request with an idempotency key was answered with.
-- KEYS key
-- ARGV status
if redis.call('HEXISTS', KEYS[1], 'body') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[1])
return 1
