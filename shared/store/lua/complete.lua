-- Publish a result: the one compare-and-set that makes it visible.
-- KEYS computation waiters attempts
-- ARGV run attempt now_ms result digits fingerprint job_prefix limit
-- Returns {1, waiting, id, owner, finished_ms, ...} or {0}
local function reply(out)
  table.insert(out, 1, 1)
  return out
end
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt')
if c[1] == 'stored' and c[2] == ARGV[1] and c[3] == ARGV[2] then
  -- The caller's first call went through, but the answer was lost on its way.
  return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
end
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then return {0} end
redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone') -- first, so that a full Redis lets the rest through
endAttempt(KEYS[3], ARGV[2], 'succeeded', ARGV[3])
redis.call('HSET', KEYS[1], 'state', 'stored', 'result', ARGV[4], 'digits', ARGV[5], 'finished_ms', ARGV[3])
changed(KEYS[1], ARGV[6])
return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
