-- Give an attempt back unfinished: its worker drains. It costs no failure.
-- KEYS computation attempts
-- ARGV run attempt now_ms fingerprint
-- Returns 1, also if it has been given back already, or 0 if stale
local c = redis.call('HMGET', KEYS[1], 'state', 'run', 'attempt')
if c[2] ~= ARGV[1] or c[3] ~= ARGV[2] then return 0 end
if c[1] ~= 'running' then return c[1] == 'queued' and 1 or 0 end
redis.call('HDEL', KEYS[1], 'progress', 'worker', 'alone') -- first, so that a full Redis lets the rest through
endAttempt(KEYS[2], c[3], 'released', ARGV[3])
redis.call('HSET', KEYS[1], 'state', 'queued', 'queued_ms', ARGV[3])
changed(KEYS[1], ARGV[4] .. onTheWay)
return 1
