-- Enter jobs of a batch into their owner's indexes. The quota of all was asked for with the batch.
-- KEYS jobs open deadlines scheduled batch_jobs batch_open
-- ARGV first_check_ms, and for each job id created_ms deadline_in_ms run_at_ms
-- Returns {now_ms, deadline_ms, ...}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {now}
local created, checks, ids = {}, {}, {}
for i = 2, #ARGV, 4 do
  local id = ARGV[i]
  created[#created + 1], created[#created + 2] = ARGV[i + 1], id
  checks[#checks + 1], checks[#checks + 2] = now + ARGV[1], id
  ids[#ids + 1] = id
end
redis.call('ZADD', KEYS[1], unpack(created))
redis.call('ZADD', KEYS[2], unpack(checks))
redis.call('ZADD', KEYS[5], unpack(created))
redis.call('SADD', KEYS[6], unpack(ids))
for i = 2, #ARGV, 4 do
  local deadline = 0
  if ARGV[i + 2] ~= '0' then
    -- The first call may have gone through, with its answer lost on its way.
    deadline = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[i]) or now + ARGV[i + 2])
    redis.call('ZADD', KEYS[3], deadline, ARGV[i])
  end
  if tonumber(ARGV[i + 3]) > now then redis.call('ZADD', KEYS[4], ARGV[i + 3], ARGV[i]) end
  out[#out + 1] = deadline
end
return out
