-- Give an attempt back unfinished: its worker drains, or is lost. It costs no failure.
-- KEYS computation
-- ARGV run attempt now_ms fingerprint lost
-- Returns 1, or 0 if stale
if not fenced(KEYS[1], ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'queued_ms', ARGV[3])
redis.call('HDEL', KEYS[1], 'progress', 'worker')
if ARGV[5] == '1' then redis.call('HINCRBY', KEYS[1], 'losses', 1) end
changed(KEYS[1], ARGV[4])
return 1
