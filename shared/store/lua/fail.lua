-- End an attempt without a result: for good, or to be tried again.
-- KEYS computation waiters attempts log
-- ARGV run attempt now_ms failure fingerprint job_prefix limit permanent keep_s keep_run_s
-- Returns {1, waiting, id, owner, finished_ms, batch, state, ...} if the computation failed, {2, failures} if it is to be tried again, {0} if stale
local function failed()
  local out = settle(KEYS[1], KEYS[2], ARGV[6], ARGV[7], ARGV[9])
  table.insert(out, 1, 1)
  return out
end
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt', 'failed_attempt', 'failures', 'max_attempts')
if c[2] == ARGV[1] and c[3] == ARGV[2] and c[4] == ARGV[2] then
  -- The caller's first call went through, but the answer was lost on its way.
  if c[1] == 'failed' then return failed() end
  return c[1] == 'queued' and {2, tonumber(c[5])} or {0}
end
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then return {0} end
redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone') -- first, so that a full Redis lets the rest through
endAttempt(KEYS[3], ARGV[2], 'failed', ARGV[3], ARGV[4])
redis.call('HSET', KEYS[1], 'failed_attempt', ARGV[2])
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
if ARGV[8] ~= '1' and failures < tonumber(c[6] or '1') then
  redis.call('HSET', KEYS[1], 'state', 'queued', 'queued_ms', ARGV[3])
  changed(KEYS[1], ARGV[5] .. onTheWay)
  return {2, failures}
end
redis.call('HSET', KEYS[1], 'state', 'failed', 'error', ARGV[4], 'finished_ms', ARGV[3])
keepRun(KEYS[3], KEYS[4], ARGV[10])
changed(KEYS[1], ARGV[5])
return failed()
