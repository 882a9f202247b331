-- Write a job and join, hit or start its computation.
-- KEYS job computation waiters
-- ARGV id document now_ms fresh_run spec max_attempts trace fingerprint owner job_prefix
-- Returns {how, run}
local known = redis.call('HMGET', KEYS[1], 'cache', 'run')
if known[1] then return known end -- the first call went through, but its answer was lost on its way
local st = redis.call('HMGET', KEYS[2], 'state', 'run', 'rev')
local state, run, rev = st[1], st[2], tonumber(st[3] or '0')
local job = {'doc', ARGV[2], 'fp', ARGV[8], 'owner', ARGV[9]}
local function write(...)
  for _, v in ipairs({...}) do job[#job + 1] = v end
  redis.call('HSET', KEYS[1], unpack(job))
end
if state == 'stored' then
  local c = redis.call('HMGET', KEYS[2], 'attempt', 'started_ms')
  write('state', 'succeeded', 'cache', 'hit', 'run', run, 'version', '1', 'finished_ms', ARGV[3],
    'attempt', c[1] or '0', 'started_ms', c[2] or '0')
  redis.call('HINCRBY', KEYS[2], 'refs', 1)
  return {'hit', run}
end
if state == 'queued' or state == 'running' then
  write('state', 'active', 'cache', 'joined', 'run', run, 'base', rev)
  redis.call('SADD', KEYS[3], ARGV[1])
  return {'joined', run}
end
-- absent, failed, abandoned or collecting: a new run. Nothing of the old one may shine through.
if state == 'failed' then settle(KEYS[2], KEYS[3], ARGV[10], redis.call('SCARD', KEYS[3])) end
redis.call('DEL', KEYS[2], KEYS[3])
rev = rev + 1
redis.call('HSET', KEYS[2], 'state', 'queued', 'run', ARGV[4], 'attempt', 0, 'failures', 0, 'refs', 0, 'rev', rev,
  'queued_ms', ARGV[3], 'spec', ARGV[5], 'max_attempts', ARGV[6], 'trace', ARGV[7])
redis.call('SADD', KEYS[3], ARGV[1])
write('state', 'active', 'cache', 'miss', 'run', ARGV[4], 'base', rev)
return {'miss', ARGV[4]}
