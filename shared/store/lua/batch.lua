-- Enter a batch whose jobs are to come, unless its owner would have too many open ones or has sent the same request before.
-- KEYS open batches batch key
-- ARGV id created_ms total labels most_open key_body key_for_s
-- Returns {1}, {0, open} if refused, or {2, body, status, job, batch, age_ms} if the key is known
if redis.call('EXISTS', KEYS[3]) == 1 then return {1} end -- the first call went through, but its answer was lost on its way
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if ARGV[6] ~= '' then
  local k = redis.call('HMGET', KEYS[4], 'body', 'status', 'job', 'batch', 'ms')
  if k[1] then return {2, k[1], k[2] or '', k[3] or '', k[4] or '', now - k[5]} end
end
local open = redis.call('ZCARD', KEYS[1])
if open + ARGV[3] > tonumber(ARGV[5]) then return {0, open} end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('HSET', KEYS[3], 'created_ms', ARGV[2], 'total', ARGV[3], 'labels', ARGV[4])
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[4], 'body', ARGV[6], 'batch', ARGV[1], 'ms', now)
  redis.call('EXPIRE', KEYS[4], ARGV[7])
end
return {1}
