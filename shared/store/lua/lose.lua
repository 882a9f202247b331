-- Take an attempt away from a worker that is gone.
-- KEYS computation waiters attempts log poison
-- ARGV run attempt now_ms fingerprint failure refuse_s job_prefix limit keep_s keep_run_s
-- Returns {0} if stale, {1} if it is queued again, {2, waiting, id, owner, finished_ms, batch, state, ...} if it has failed
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then
  local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt')
  -- The first call may have gone through, with its answer lost on its way.
  return {c[1] == 'queued' and c[2] == ARGV[1] and c[3] == ARGV[2] and 1 or 0}
end
if not lose(KEYS[1], KEYS[3], KEYS[4], KEYS[5], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[10]) then return {1} end
local out = settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8], ARGV[9])
table.insert(out, 1, 2)
return out
