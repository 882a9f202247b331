-- Say that no more jobs of a batch are to come than were entered.
-- KEYS batch batch_jobs
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[1], 'total') -- first, so that a full Redis lets the rest through
redis.call('HSET', KEYS[1], 'total', redis.call('ZCARD', KEYS[2]))
return 1
