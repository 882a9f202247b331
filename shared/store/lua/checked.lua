-- Say when open jobs are next to be looked at.
-- KEYS open
-- ARGV pairs of id and next_ms
redis.call('ZREM', KEYS[1], '') -- first, so that a full Redis lets the rest through
for i = 1, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[i + 1], ARGV[i]) -- XX: a job that has ended meanwhile stays off the list
end
return 1
