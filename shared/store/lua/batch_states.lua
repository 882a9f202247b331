-- Where jobs of one shard stand, and nothing else of them; see derive.go.
-- KEYS job ...
-- ARGV computation_prefix
-- Returns {state, ...}, empty for a job that is not there
local out = {}
for i = 1, #KEYS do
  local j = redis.call('HMGET', KEYS[i], 'state', 'run', 'fp')
  local state = j[1] or ''
  if state == 'active' then
    local c = redis.call('HMGET', ARGV[1] .. j[3], 'state', 'run')
    state = 'queued'
    if c[2] == j[2] then
      if c[1] == 'running' or c[1] == 'failed' then state = c[1] end
      if c[1] == 'stored' then state = 'succeeded' end
    end
  end
  out[i] = state
end
return out
