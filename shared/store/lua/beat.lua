-- Say that a worker lives, by Redis's clock, so that those of the machines do not matter.
-- KEYS workers
-- ARGV worker forget_after_ms
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2]) -- first, so that a full Redis lets the rest through
redis.call('ZADD', KEYS[1], now, ARGV[1])
return 1
