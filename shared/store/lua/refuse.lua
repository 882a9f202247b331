-- End a scheduled job that cannot begin.
-- KEYS job
-- ARGV now_ms failure fingerprint
if redis.call('HGET', KEYS[1], 'state') ~= 'scheduled' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'failed', 'finished_ms', ARGV[1], 'error', ARGV[2], 'version', '2')
redis.call('PUBLISH', 'nm:changes', ARGV[3])
return 1
