-- Set jobs aside that the history does not take, and forget the oldest of them.
-- KEYS finished refused
-- ARGV now_ms most id ...
for i = 3, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[i]) -- first, so that a full Redis lets the rest through
  redis.call('ZADD', KEYS[2], ARGV[1], ARGV[i])
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[2] - 1)
return 1
