-- End a job before its computation has: cancel it, or let it expire. Abandon its run if no other job waits for it.
-- KEYS job computation waiters attempts log
-- ARGV id now_ms fingerprint keep_s state keep_run_s run
-- Returns {outcome, run}: absent | same (ended like this already) | ended | left | abandoned, with the run's queue; or moved, with the run, if that is not ARGV run
local j = redis.call('HMGET', KEYS[1], 'state', 'run', 'base')
if not j[1] then return {'absent', ''} end
if j[1] == 'scheduled' then
  redis.call('HDEL', KEYS[1], 'error') -- first, so that a full Redis lets the rest through
  redis.call('HSET', KEYS[1], 'state', ARGV[5], 'finished_ms', ARGV[2], 'version', '2')
  redis.call('PUBLISH', 'nm:changes', ARGV[3])
  return {'left', ''}
end
if j[1] ~= 'active' then return {j[1] == ARGV[5] and 'same' or 'ended', ''} end
if j[2] ~= ARGV[7] then return {'moved', j[2]} end
local c = redis.call('HMGET', KEYS[2], 'state', 'run', 'attempt', 'queue', 'started_ms', 'rev')
local mine = c[2] == j[2]
if mine and (c[1] == 'stored' or c[1] == 'failed') then return {'ended', ''} end
redis.call('SREM', KEYS[3], ARGV[1])
local last = mine and redis.call('SCARD', KEYS[3]) == 0
finish(KEYS[1], c[3], c[5], c[6], j[3], ARGV[5], ARGV[2], '', 1)
if not last then
  redis.call('PUBLISH', 'nm:changes', ARGV[3])
  return {'left', ''}
end
if c[1] == 'running' then endAttempt(KEYS[4], c[3], 'abandoned', ARGV[2]) end
redis.call('HSET', KEYS[2], 'state', 'abandoned')
redis.call('HDEL', KEYS[2], 'progress', 'worker')
redis.call('EXPIRE', KEYS[2], ARGV[4])
keepRun(KEYS[4], KEYS[5], ARGV[6])
changed(KEYS[2], ARGV[3])
redis.call('PUBLISH', 'nm:stops', ARGV[3] .. ' ' .. j[2])
return {'abandoned', j[2], c[4] or ''}
