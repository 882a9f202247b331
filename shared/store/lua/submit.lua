-- Write a job and join, hit or start its computation.
-- KEYS job computation waiters
-- ARGV id document now_ms fresh_run spec max_attempts trace fingerprint owner
-- Returns {how, run}; how is unsettled, and nothing has changed, if jobs that have failed with the last run are to be ended first
local known = redis.call('HMGET', KEYS[1], 'cache', 'run')
if known[1] then return known end -- the first call went through, but its answer was lost on its way
local c = redis.call('HMGET', KEYS[2], 'state', 'run', 'rev', 'attempt', 'started_ms')
local state, run, rev = c[1], c[2], tonumber(c[3] or '0')
-- The job comes first, so that a full Redis refuses it before anything has changed.
local function write(...)
  redis.call('HSET', KEYS[1], 'doc', ARGV[2], 'fp', ARGV[8], 'owner', ARGV[9], ...)
end
if state == 'stored' then
  write('state', 'succeeded', 'cache', 'hit', 'run', run, 'version', '1', 'finished_ms', ARGV[3],
    'attempt', c[4] or '0', 'started_ms', c[5] or '0')
  redis.call('HINCRBY', KEYS[2], 'refs', 1)
  return {'hit', run}
end
if state == 'queued' or state == 'running' then
  write('state', 'active', 'cache', 'joined', 'run', run, 'base', rev)
  redis.call('SADD', KEYS[3], ARGV[1])
  return {'joined', run}
end
-- absent, failed, abandoned or collecting: a new run. Nothing of the old one may shine through.
if state == 'failed' and redis.call('EXISTS', KEYS[3]) == 1 then return {'unsettled', ''} end
rev = rev + 1
write('state', 'active', 'cache', 'miss', 'run', ARGV[4], 'base', rev)
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[2], 'state', 'queued', 'run', ARGV[4], 'attempt', 0, 'failures', 0, 'refs', 0, 'rev', rev,
  'queued_ms', ARGV[3], 'spec', ARGV[5], 'max_attempts', ARGV[6], 'trace', ARGV[7])
redis.call('SADD', KEYS[3], ARGV[1])
return {'miss', ARGV[4]}
