-- End waiting jobs of a computation that has ended: what complete and fail left over, or a crash.
-- KEYS computation waiters
-- ARGV fingerprint job_prefix limit keep_s
-- Returns {waiting, id, owner, finished_ms, batch, state, ...}
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'stored' and state ~= 'failed' then return {0} end
local out = settle(KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4])
if #out > 1 then redis.call('PUBLISH', 'nm:changes', ARGV[1]) end
return out
