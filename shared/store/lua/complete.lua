-- Publish a result: the one compare-and-set that makes it visible.
-- KEYS computation waiters attempts log
-- ARGV run attempt now_ms result digits fingerprint job_prefix limit most_lines worker started_ms line ...
-- worker is empty if the attempt was claimed; else nothing is recorded of it yet, and it is the run's first
-- Returns {1, waiting, id, owner, finished_ms, batch, state, ...} or {0, state} with the computation's state if the run is still the current one
local function reply(out)
  table.insert(out, 1, 1)
  return out
end
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt', 'started_ms')
if c[1] == 'stored' and c[2] == ARGV[1] and c[3] == ARGV[2] then
  -- The caller's first call went through, but the answer was lost on its way.
  return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
end
if c[2] ~= ARGV[1] then return {0, ''} end
local lines, started = #ARGV - 11, c[4] or '0'
if ARGV[10] == '' then
  if c[1] ~= 'running' or c[3] ~= ARGV[2] then return {0, c[1]} end
  redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone') -- first, so that a full Redis lets the rest through
  endAttempt(KEYS[3], ARGV[2], 'succeeded', ARGV[3])
  if lines > 0 then lines = redis.call('HINCRBY', KEYS[3], 'lines', lines) end
else
  if c[1] ~= 'queued' or c[3] ~= '0' then return {0, c[1]} end
  started = ARGV[11]
  redis.call('HDEL', KEYS[1], 'progress') -- as above
  wholeAttempt(KEYS[3], ARGV[2], ARGV[10], started, ARGV[3], lines)
end
local rev = redis.call('HINCRBY', KEYS[1], 'rev', 1)
redis.call('HSET', KEYS[1], 'state', 'stored', 'result', ARGV[4], 'digits', ARGV[5], 'finished_ms', ARGV[3], 'attempt', ARGV[2], 'started_ms', started)
if #ARGV > 11 then
  redis.call('RPUSH', KEYS[4], unpack(ARGV, 12))
  if lines > tonumber(ARGV[9]) then redis.call('LTRIM', KEYS[4], -ARGV[9], -1) end
end
-- Whoever waits for the end has it all in the message, and need not read; see watch.go.
redis.call('PUBLISH', 'nm:changes', table.concat({ARGV[6], ARGV[1], ARGV[2], rev, started, ARGV[3], ARGV[4]}, ' '))
return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
