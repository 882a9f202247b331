-- Publish a result: the one compare-and-set that makes it visible.
-- KEYS computation waiters
-- ARGV run attempt now_ms result digits fingerprint job_prefix limit
-- Returns {1, waiting, id, owner, ...} or {0}
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then return {0} end
redis.call('HSET', KEYS[1], 'state', 'stored', 'result', ARGV[4], 'digits', ARGV[5], 'finished_ms', ARGV[3])
redis.call('HDEL', KEYS[1], 'progress', 'worker')
changed(KEYS[1], ARGV[6])
local out = settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8])
table.insert(out, 1, 1)
return out
