-- Read which workers have beaten lately, and Redis's clock. A beat in the future is from before the clock was set back.
-- KEYS workers
-- ARGV alive_for_ms
-- Returns {now_ms, worker, ...}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local alive = redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], now + ARGV[1])
table.insert(alive, 1, now)
return alive
