-- Say when open jobs are next to be looked at, and take closed ones off the list.
-- KEYS open
-- ARGV how_many_closed closed ... then pairs of id next_ms
local n = tonumber(ARGV[1])
redis.call('ZREM', KEYS[1], '', unpack(ARGV, 2, n + 1)) -- first, so that a full Redis lets the rest through
for i = n + 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[i + 1], ARGV[i]) -- XX: a job that has ended meanwhile stays off the list
end
return 1
