-- Publish a result: the one compare-and-set that makes it visible.
-- KEYS computation waiters attempts log
-- ARGV run attempt now_ms result digits fingerprint job_prefix limit most_lines worker started_ms how_many_lines line ...
-- worker is empty if the attempt was claimed; else nothing is recorded of it yet, it is the run's first, and its lines are one list
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
local claimed, lines, started = ARGV[10] == '', tonumber(ARGV[12]), c[4] or '0'
if claimed and (c[1] ~= 'running' or c[3] ~= ARGV[2]) or not claimed and (c[1] ~= 'queued' or c[3] ~= '0') then return {0, c[1]} end
local ids = redis.call('SPOP', KEYS[2], ARGV[8]) -- a write that needs no memory comes first, so that a full Redis lets the rest through
local rev = (tonumber(c[5]) or 0) + 1
local stored = {'state', 'stored', 'result', ARGV[4], 'digits', ARGV[5], 'finished_ms', ARGV[3], 'rev', rev, 'refs', (tonumber(c[6]) or 0) + #ids}
if claimed then
  redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone')
  endAttempt(KEYS[3], ARGV[2], 'succeeded', ARGV[3])
  redis.call('HSET', KEYS[1], unpack(stored))
  if lines > 0 then
    if redis.call('HINCRBY', KEYS[3], 'lines', lines) > tonumber(ARGV[9]) then lines = -1 end
    redis.call('RPUSH', KEYS[4], unpack(ARGV, 13))
    if lines < 0 then redis.call('LTRIM', KEYS[4], -ARGV[9], -1) end
  end
else
  -- The timeline and the log of an only attempt stand with what came of it.
  started = ARGV[11]
  redis.call('HSET', KEYS[1], 'attempt', ARGV[2], 'started_ms', started, 'only', ARGV[10], 'lines', ARGV[12], 'log', ARGV[13], unpack(stored))
end
-- Whoever waits for the end has it all in the message, and need not read; see watch.go.
redis.call('PUBLISH', 'nm:changes', table.concat({ARGV[6], ARGV[1], ARGV[2], rev, started, ARGV[3], ARGV[4]}, ' '))
local out = settleThese(ids, {'stored', ARGV[3], false, ARGV[2], started, rev}, ARGV[7])
if #ids == tonumber(ARGV[8]) then out[1] = redis.call('SCARD', KEYS[2]) end
return reply(out)
