-- Delete a job that has ended; collect the result if no other job refers to it.
-- KEYS job computation
-- ARGV
-- Returns {outcome, owner, blob}: absent | active | deleted | collecting
local j = redis.call('HMGET', KEYS[1], 'state', 'owner')
if not j[1] then return {'absent', '', ''} end
if j[1] == 'active' then return {'active', '', ''} end
redis.call('DEL', KEYS[1])
if j[1] ~= 'succeeded' or redis.call('HGET', KEYS[2], 'state') ~= 'stored' then return {'deleted', j[2], ''} end
if redis.call('HINCRBY', KEYS[2], 'refs', -1) > 0 then return {'deleted', j[2], ''} end
-- The pointer goes first and the blob after, so that nobody is ever pointed to nothing.
local result = redis.call('HGET', KEYS[2], 'result') or ''
redis.call('HSET', KEYS[2], 'state', 'collecting')
redis.call('HDEL', KEYS[2], 'result', 'digits')
return {'collecting', j[2], result}
