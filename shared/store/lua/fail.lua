-- End an attempt without a result: for good, or to be tried again.
-- KEYS computation waiters
-- ARGV run attempt now_ms failure fingerprint job_prefix limit permanent keep_s
-- Returns {1, waiting, id, owner, ...} if the computation failed, {2, failures} if it is to be tried again, {0} if stale
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then return {0} end
redis.call('HDEL', KEYS[1], 'progress', 'worker')
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local most = tonumber(redis.call('HGET', KEYS[1], 'max_attempts') or '1')
if ARGV[8] ~= '1' and failures < most then
  redis.call('HSET', KEYS[1], 'state', 'queued', 'queued_ms', ARGV[3])
  changed(KEYS[1], ARGV[5])
  return {2, failures}
end
redis.call('HSET', KEYS[1], 'state', 'failed', 'error', ARGV[4], 'finished_ms', ARGV[3])
changed(KEYS[1], ARGV[5])
local out = settle(KEYS[1], KEYS[2], ARGV[6], ARGV[7])
if out[1] == 0 then redis.call('EXPIRE', KEYS[1], ARGV[9]) end
table.insert(out, 1, 1)
return out
