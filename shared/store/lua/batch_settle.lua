-- Count jobs of a batch that have ended, each once.
-- KEYS batch batch_open batch_jobs
-- ARGV batch_id, and pairs of id and state; the state missing is of a job that never came to be
local counted = false
for i = 2, #ARGV, 2 do
  if redis.call('SREM', KEYS[2], ARGV[i]) == 1 and redis.call('EXISTS', KEYS[1]) == 1 then
    counted = true
    if ARGV[i + 1] == 'missing' then
      redis.call('HINCRBY', KEYS[1], 'total', -1)
      redis.call('ZREM', KEYS[3], ARGV[i])
    else
      redis.call('HINCRBY', KEYS[1], ARGV[i + 1], 1)
    end
  end
end
if counted then
  local t = redis.call('TIME') -- what ended them has left no time here
  redis.call('HSET', KEYS[1], 'ended_ms', string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)))
end
-- A dash stands for a change, its absence for the last; see batchwatch.go.
if counted then redis.call('PUBLISH', 'nm:changes', ARGV[1] .. (redis.call('EXISTS', KEYS[2]) == 1 and ' -' or '')) end
return 1
