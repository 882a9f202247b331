-- Delete a job that has ended; collect the result if no other job refers to it.
-- KEYS job computation waiters attempts log
-- ARGV keep_s run
-- Returns {outcome, blob}: absent | active | deleted | collecting
local j = redis.call('HMGET', KEYS[1], 'state', 'run')
if not j[1] then return {'absent', ''} end
if j[1] == 'active' or j[1] == 'scheduled' then return {'active', ''} end
redis.call('DEL', KEYS[1])
local c = redis.call('HMGET', KEYS[2], 'state', 'run', 'result')
if j[1] ~= 'succeeded' or c[1] ~= 'stored' or c[2] ~= j[2] then return {'deleted', ''} end
-- Jobs that still wait have succeeded too, and are counted once their own records say so.
if redis.call('HINCRBY', KEYS[2], 'refs', -1) > 0 or redis.call('EXISTS', KEYS[3]) == 1 then return {'deleted', ''} end
-- The pointer goes first and the blob after, so that nobody is ever pointed to nothing. What a crash leaves goes by itself.
redis.call('HSET', KEYS[2], 'state', 'collecting')
redis.call('HDEL', KEYS[2], 'result', 'digits', 'only', 'lines', 'log')
redis.call('EXPIRE', KEYS[2], ARGV[1])
if j[2] == ARGV[2] then redis.call('DEL', KEYS[4], KEYS[5]) end
return {'collecting', c[3] or ''}
