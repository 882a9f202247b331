-- Enter a job into its owner's indexes, unless the owner has too many open ones or has sent the same request before.
-- KEYS jobs open deadlines scheduled key batch_jobs batch_open
-- ARGV id created_ms first_check_ms most_open deadline_in_ms run_at_ms key_body key_for_s in_batch
-- Returns {1, now_ms, deadline_ms, open} with how many were open before, or nothing if it was entered before; {0, open} if refused; or
-- {2, body, status, job, batch, age_ms} if the key is known
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local open = redis.call('ZCARD', KEYS[2])
local full = open >= tonumber(ARGV[4])
local function known() return {1, now, tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or '0')} end
-- It may be there: the first call went through, but its answer was lost on its way.
if (full or ARGV[7] ~= '') and redis.call('ZSCORE', KEYS[2], ARGV[1]) then return known() end
if ARGV[7] ~= '' then
  local k = redis.call('HMGET', KEYS[5], 'body', 'status', 'job', 'batch', 'ms')
  if k[1] then return {2, k[1], k[2] or '', k[3] or '', k[4] or '', now - k[5]} end
end
if full then return {0, open} end
-- Checks, deadlines and times to begin go by Redis's clock: those of the API and of the workers may differ.
if redis.call('ZADD', KEYS[2], 'NX', now + ARGV[3], ARGV[1]) == 0 then return known() end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
local deadline = 0
if ARGV[5] ~= '0' then
  deadline = now + ARGV[5]
  redis.call('ZADD', KEYS[3], deadline, ARGV[1])
end
if tonumber(ARGV[6]) > now then redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1]) end
if ARGV[7] ~= '' then
  redis.call('HSET', KEYS[5], 'body', ARGV[7], 'job', ARGV[1], 'ms', now)
  redis.call('EXPIRE', KEYS[5], ARGV[8])
end
if ARGV[9] == '1' then
  redis.call('ZADD', KEYS[6], ARGV[2], ARGV[1])
  redis.call('SADD', KEYS[7], ARGV[1])
end
return {1, now, deadline, open}
