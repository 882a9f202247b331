-- Write a job, or begin a scheduled one: join, hit or start its computation.
-- KEYS job computation waiters poison
-- ARGV id document now_ms fresh_run spec max_attempts trace fingerprint owner mode queue batch
-- mode is new, fresh (new, and there is no record of it), scheduled (write it down only) or start (begin what was written down)
-- Returns {how, run, queue, job}, with the trace of the run that was joined or hit, or nothing and the base of one that begins; how is unsettled, and nothing has changed, if jobs that have failed with the last run are to be ended
-- first; poisoned, with the seconds left, if the computation is refused; gone if there is nothing to begin
local known = ARGV[10] == 'fresh' and {} or redis.call('HMGET', KEYS[1], 'state', 'cache', 'run', 'base')
local starts = ARGV[10] == 'start'
if starts and not known[1] then return {'gone', ''} end
if known[1] and not (starts and known[1] == 'scheduled') then
  if starts and known[1] ~= 'active' then return {'gone', ''} end
  -- The first call went through, but its answer was lost on its way.
  return {known[2] or 'scheduled', known[3] or '', ARGV[11], ARGV[1], '', known[4] or '0'}
end
local c = redis.call('HMGET', KEYS[2], 'state', 'run', 'rev', 'attempt', 'started_ms', 'queue', 'job', 'trace')
local state, run, rev = c[1], c[2], tonumber(c[3] or '0')
-- The job comes first, so that a full Redis refuses it before anything has changed.
local function write(...)
  if ARGV[12] == '' then return redis.call('HSET', KEYS[1], 'doc', ARGV[2], 'fp', ARGV[8], 'owner', ARGV[9], ...) end
  redis.call('HSET', KEYS[1], 'doc', ARGV[2], 'fp', ARGV[8], 'owner', ARGV[9], 'batch', ARGV[12], ...)
end
if ARGV[10] == 'scheduled' then
  write('state', 'scheduled', 'version', '1')
  return {'scheduled', '', ARGV[11], ARGV[1]}
end
local step = starts and 1 or 0 -- a scheduled job has had a version before
if state == 'stored' then
  write('state', 'succeeded', 'cache', 'hit', 'run', run, 'version', tostring(1 + step), 'finished_ms', ARGV[3],
    'attempt', c[4] or '0', 'started_ms', c[5] or '0')
  redis.call('HINCRBY', KEYS[2], 'refs', 1)
  if starts then redis.call('PUBLISH', 'nm:changes', ARGV[8]) end
  return {'hit', run, c[6] or '', c[7] or '', c[8] or ''}
end
if state == 'queued' or state == 'running' then
  write('state', 'active', 'cache', 'joined', 'run', run, 'base', rev - step)
  redis.call('SADD', KEYS[3], ARGV[1])
  if starts then redis.call('PUBLISH', 'nm:changes', ARGV[8]) end
  return {'joined', run, c[6] or '', c[7] or '', c[8] or ''}
end
local refused = redis.call('TTL', KEYS[4])
if refused > 0 then return {'poisoned', tostring(refused)} end
-- absent, failed, abandoned or collecting: a new run. Nothing of the old one may shine through.
if state == 'failed' and redis.call('EXISTS', KEYS[3]) == 1 then return {'unsettled', ''} end
rev = rev + 1
write('state', 'active', 'cache', 'miss', 'run', ARGV[4], 'base', rev - step)
if state then redis.call('DEL', KEYS[2], KEYS[3]) end
redis.call('HSET', KEYS[2], 'state', 'queued', 'run', ARGV[4], 'attempt', 0, 'failures', 0, 'refs', 0, 'rev', rev,
  'queued_ms', ARGV[3], 'spec', ARGV[5], 'max_attempts', ARGV[6], 'trace', ARGV[7], 'queue', ARGV[11], 'job', ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
if starts then redis.call('PUBLISH', 'nm:changes', ARGV[8]) end
return {'miss', ARGV[4], ARGV[11], ARGV[1], '', tostring(rev)}
