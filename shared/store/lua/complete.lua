-- Publish a result: the one compare-and-set that makes it visible.
-- KEYS computation waiters attempts log
-- ARGV run attempt now_ms result digits fingerprint job_prefix limit most_lines worker started_ms line ...
-- worker is empty if the attempt was claimed; else nothing is recorded of it yet, and it is the run's first
-- Returns {1, waiting, id, owner, finished_ms, batch, state, ...} or {0, state} with the computation's state if the run is still the current one
local function reply(out)
  table.insert(out, 1, 1)
  return out
end
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt', 'started_ms', 'rev', 'refs')
if c[1] == 'stored' and c[2] == ARGV[1] and c[3] == ARGV[2] then
  -- The caller's first call went through, but the answer was lost on its way.
  return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
end
if c[2] ~= ARGV[1] then return {0, ''} end
local claimed, lines, started = ARGV[10] == '', #ARGV - 11, c[4] or '0'
if claimed and (c[1] ~= 'running' or c[3] ~= ARGV[2]) or not claimed and (c[1] ~= 'queued' or c[3] ~= '0') then return {0, c[1]} end
local ids = redis.call('SPOP', KEYS[2], ARGV[8]) -- a write that needs no memory comes first, so that a full Redis lets the rest through
if claimed then
  redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone')
  endAttempt(KEYS[3], ARGV[2], 'succeeded', ARGV[3])
  if lines > 0 then lines = redis.call('HINCRBY', KEYS[3], 'lines', lines) end
else
  started = ARGV[11]
  wholeAttempt(KEYS[3], ARGV[2], ARGV[10], started, ARGV[3], lines)
end
local rev = (tonumber(c[5]) or 0) + 1
redis.call('HSET', KEYS[1], 'state', 'stored', 'result', ARGV[4], 'digits', ARGV[5], 'finished_ms', ARGV[3], 'attempt', ARGV[2],
  'started_ms', started, 'rev', rev, 'refs', (tonumber(c[6]) or 0) + #ids)
if #ARGV > 11 then
  redis.call('RPUSH', KEYS[4], unpack(ARGV, 12))
  if lines > tonumber(ARGV[9]) then redis.call('LTRIM', KEYS[4], -ARGV[9], -1) end
end
-- Whoever waits for the end has it all in the message, and need not read; see watch.go.
redis.call('PUBLISH', 'nm:changes', table.concat({ARGV[6], ARGV[1], ARGV[2], rev, started, ARGV[3], ARGV[4]}, ' '))
local out = settleThese(ids, {'stored', ARGV[3], false, ARGV[2], started, rev}, ARGV[7])
if #ids == tonumber(ARGV[8]) then out[1] = redis.call('SCARD', KEYS[2]) end
return reply(out)
