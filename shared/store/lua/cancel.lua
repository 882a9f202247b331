-- Cancel a job; abandon its run if no other job waits for it.
-- KEYS job computation waiters
-- ARGV id now_ms fingerprint keep_s
-- Returns {outcome, run}: absent | cancelled (already) | ended | left | abandoned
local j = redis.call('HMGET', KEYS[1], 'state', 'run')
if not j[1] then return {'absent', ''} end
if j[1] ~= 'active' then return {j[1] == 'cancelled' and 'cancelled' or 'ended', ''} end
local c = redis.call('HMGET', KEYS[2], 'state', 'run')
local mine = c[2] == j[2]
if mine and (c[1] == 'stored' or c[1] == 'failed') then return {'ended', ''} end
redis.call('SREM', KEYS[3], ARGV[1])
local last = mine and redis.call('SCARD', KEYS[3]) == 0
finish(KEYS[1], KEYS[2], 'cancelled', ARGV[2], '', 1)
if not last then
  redis.call('PUBLISH', 'nm:changes', ARGV[3])
  return {'left', ''}
end
redis.call('HSET', KEYS[2], 'state', 'abandoned')
redis.call('HDEL', KEYS[2], 'progress', 'worker')
redis.call('EXPIRE', KEYS[2], ARGV[4])
changed(KEYS[2], ARGV[3])
redis.call('PUBLISH', 'nm:stops', ARGV[3] .. ' ' .. j[2])
return {'abandoned', j[2]}
