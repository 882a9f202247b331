-- A job with what is derived from its computation.
-- KEYS job
-- ARGV computation_prefix
-- Returns {} if there is none, else two lists: of the job's fields, of the computation's
local fields = {'doc', 'state', 'run', 'cache', 'version', 'base', 'attempt', 'started_ms', 'finished_ms', 'error', 'fp'}
local j = redis.call('HMGET', KEYS[1], unpack(fields))
if not j[1] then return {} end
for i = 1, #fields do j[i] = j[i] or '' end
local comp = ARGV[1] .. j[11]
local c = redis.call('HMGET', comp, 'state', 'run', 'rev', 'reports', 'attempt', 'started_ms', 'finished_ms',
  'progress', 'result', 'error', 'worker', 'queue', 'lines')
if j[3] ~= '' and (c[2] ~= j[3] or not c[13]) then c[13] = redis.call('HGET', comp .. ':' .. j[3] .. ':attempts', 'lines') end
for i = 1, 13 do c[i] = c[i] or '' end
return {j, c}
