-- Take ended jobs off their owner's lists of open ones, enter those that stood there into the list of what the history is to get, and count each
-- in its batch.
-- KEYS open deadlines scheduled finished
-- ARGV batch_prefix, and for each job id finished_ms batch state; batch is empty if none is to count it
local ids, ends, batches, last = {}, {}, {}, {}
for i = 2, #ARGV, 4 do
  local id, batch = ARGV[i], ARGV[i + 2]
  ids[#ids + 1] = id
  if redis.call('ZREM', KEYS[1], id) == 1 then -- first, so that a full Redis lets the rest through
    ends[#ends + 1], ends[#ends + 2] = ARGV[i + 1], id
  end
  if batch ~= '' and redis.call('SREM', ARGV[1] .. batch .. ':open', id) == 1 then
    local counts = batches[batch] or {}
    batches[batch], counts[ARGV[i + 3]] = counts, (counts[ARGV[i + 3]] or 0) + 1
    last[batch] = math.max(last[batch] or 0, tonumber(ARGV[i + 1]))
  end
end
if #ids > 0 and redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then -- hardly any has had a deadline or a time to begin
  redis.call('ZREM', KEYS[2], unpack(ids))
  redis.call('ZREM', KEYS[3], unpack(ids))
end
if #ends > 0 then redis.call('ZADD', KEYS[4], unpack(ends)) end
for batch, counts in pairs(batches) do
  if redis.call('EXISTS', ARGV[1] .. batch) == 1 then
    for state, n in pairs(counts) do redis.call('HINCRBY', ARGV[1] .. batch, state, n) end
    local before = tonumber(redis.call('HGET', ARGV[1] .. batch, 'ended_ms') or 0)
    if last[batch] > before then redis.call('HSET', ARGV[1] .. batch, 'ended_ms', string.format('%.0f', last[batch])) end
    -- A dash stands for a change, its absence for the last; see batchwatch.go.
    redis.call('PUBLISH', 'nm:changes', batch .. (redis.call('EXISTS', ARGV[1] .. batch .. ':open') == 1 and ' -' or ''))
  end
end
return 1
