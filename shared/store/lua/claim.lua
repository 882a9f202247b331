-- Claim an attempt of a run.
-- KEYS computation waiters attempts log poison
-- ARGV run worker now_ms fingerprint alone failure refuse_s job_prefix limit keep_s keep_run_s
-- alone is 1 if nothing else runs in the worker's process, 2 if something does that it cannot wait for, which is good for one loss
-- Returns {attempt, spec, queued_ms, failures, max_attempts}, {0, state}, {-1} if it has to run alone and the caller does not, or
-- {-2, waiting, id, owner, finished_ms, batch, state, ...} if it has failed, since the attempt before it was one loss too many
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'spec', 'queued_ms', 'failures', 'max_attempts', 'losses', 'attempt', 'worker')
if c[2] ~= ARGV[1] or (c[1] ~= 'queued' and c[1] ~= 'running') then return {0, c[1] or ''} end
redis.call('HDEL', KEYS[1], 'progress') -- first, so that a full Redis lets the rest through
local losses = tonumber(c[7] or '0')
if c[1] == 'running' then
  -- It was delivered again: the attempt before is lost, unless it was this very worker's.
  if c[9] == ARGV[2] then
    endAttempt(KEYS[3], c[8], 'released', ARGV[3])
  else
    losses = losses + 1
    if lose(KEYS[1], KEYS[3], KEYS[4], KEYS[5], ARGV[3], ARGV[4], ARGV[6], ARGV[7], ARGV[11]) then
      local out = settle(KEYS[1], KEYS[2], ARGV[8], ARGV[9], ARGV[10])
      table.insert(out, 1, -2)
      return out
    end
  end
end
if losses > 0 and ARGV[5] ~= '1' and not (ARGV[5] == '2' and losses == 1) then return {-1} end
local attempt = tonumber(c[8] or '0') + 1
redis.call('HSET', KEYS[1], 'state', 'running', 'attempt', attempt, 'worker', ARGV[2], 'started_ms', ARGV[3], 'alone', ARGV[5] == '1' and '1' or '0')
beginAttempt(KEYS[3], attempt, ARGV[2], ARGV[3])
changed(KEYS[1], ARGV[4] .. onTheWay)
return {attempt, c[3], c[4], c[5], c[6]}
