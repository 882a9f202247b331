-- Take ended jobs off their owner's lists of open ones, and enter those that stood there into the list of what the history is to get.
-- KEYS open deadlines scheduled finished
-- ARGV pairs of id and finished_ms
for i = 1, #ARGV, 2 do
  local was = redis.call('ZREM', KEYS[1], ARGV[i]) -- first, so that a full Redis lets the rest through
  redis.call('ZREM', KEYS[2], ARGV[i])
  redis.call('ZREM', KEYS[3], ARGV[i])
  if was == 1 then redis.call('ZADD', KEYS[4], ARGV[i + 1], ARGV[i]) end
end
return 1
