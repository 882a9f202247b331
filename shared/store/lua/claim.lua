-- Claim an attempt of a run.
-- KEYS computation
-- ARGV run worker now_ms fingerprint
-- Returns {attempt, spec, queued_ms, failures, max_attempts} or {0, state}
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'spec', 'queued_ms', 'failures', 'max_attempts')
if c[2] ~= ARGV[1] or (c[1] ~= 'queued' and c[1] ~= 'running') then return {0, c[1] or ''} end
redis.call('HDEL', KEYS[1], 'progress') -- first, so that a full Redis lets the rest through
local attempt = redis.call('HINCRBY', KEYS[1], 'attempt', 1)
redis.call('HSET', KEYS[1], 'state', 'running', 'worker', ARGV[2], 'started_ms', ARGV[3])
changed(KEYS[1], ARGV[4])
return {attempt, c[3], c[4], c[5], c[6]}
