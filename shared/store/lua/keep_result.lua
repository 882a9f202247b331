-- Enter a blob into the list of results, by age and with its size; or take it off.
-- KEYS by_age sizes
-- ARGV blob bytes stored_ms; bytes empty to take it off
-- Returns how many bytes all of them have
local had = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
redis.call('ZREM', KEYS[1], ARGV[1]) -- first, so that a full Redis lets the rest through
redis.call('HDEL', KEYS[2], ARGV[1])
if ARGV[2] == '' then
  if had == 0 then return tonumber(redis.call('HGET', KEYS[2], 'total') or '0') end
  return redis.call('HINCRBY', KEYS[2], 'total', -had)
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return redis.call('HINCRBY', KEYS[2], 'total', ARGV[2] - had)
