-- Take or renew a lease: one holder at a time.
-- KEYS lease
-- ARGV holder ttl_ms
local holder = redis.call('GET', KEYS[1])
-- One that lasts longer than leases do was taken before the clock was set back.
if holder and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1]) -- first, so that a full Redis lets the rest through
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
