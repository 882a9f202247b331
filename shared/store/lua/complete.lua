-- Publish a result: the one compare-and-set that makes it visible.
-- KEYS computation waiters attempts log
-- ARGV run attempt now_ms result digits fingerprint job_prefix limit most_lines line ...
-- Returns {1, waiting, id, owner, finished_ms, batch, state, ...} or {0}
local function reply(out)
  table.insert(out, 1, 1)
  return out
end
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt', 'started_ms')
if c[1] == 'stored' and c[2] == ARGV[1] and c[3] == ARGV[2] then
  -- The caller's first call went through, but the answer was lost on its way.
  return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
end
if c[1] ~= 'running' or c[2] ~= ARGV[1] or c[3] ~= ARGV[2] then return {0} end
redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone') -- first, so that a full Redis lets the rest through
endAttempt(KEYS[3], ARGV[2], 'succeeded', ARGV[3])
redis.call('HSET', KEYS[1], 'state', 'stored', 'result', ARGV[4], 'digits', ARGV[5], 'finished_ms', ARGV[3])
if #ARGV > 9 then
  redis.call('RPUSH', KEYS[4], unpack(ARGV, 10))
  if redis.call('HINCRBY', KEYS[3], 'lines', #ARGV - 9) > tonumber(ARGV[9]) then redis.call('LTRIM', KEYS[4], -ARGV[9], -1) end
end
-- Whoever waits for the end has it all in the message, and need not read; see watch.go.
local rev = redis.call('HINCRBY', KEYS[1], 'rev', 1)
redis.call('PUBLISH', 'nm:changes', table.concat({ARGV[6], ARGV[1], ARGV[2], rev, c[4] or '0', ARGV[3], ARGV[4]}, ' '))
return reply(settle(KEYS[1], KEYS[2], ARGV[7], ARGV[8]))
