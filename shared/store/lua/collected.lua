-- The blob of a collected result is gone: forget the computation, unless a new run has begun meanwhile.
-- KEYS computation
-- ARGV run
local c = redis.call('HMGET', KEYS[1], 'state', 'run')
if c[1] == 'collecting' and c[2] == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
