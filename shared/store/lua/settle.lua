-- Shared by the scripts that end a computation or leave it. Not a script by itself.

-- fenced tells whether the caller still holds the attempt: the computation runs, and (run, attempt) are the caller's.
local function fenced(comp, run, attempt)
  local c = redis.call('HMGET', comp, 'state', 'run', 'attempt')
  return c[1] == 'running' and c[2] == run and c[3] == attempt
end

-- onTheWay marks a change after which nobody's job has ended; see end_message.go.
local onTheWay = ' -'

local function changed(comp, message)
  redis.call('PUBLISH', 'nm:changes', message)
  return redis.call('HINCRBY', comp, 'rev', 1)
end

-- The timeline of a run is a hash: per attempt its worker, start, state, end and failure; it goes with the run. That of a run whose first attempt has
-- done it all in one call stands with the computation.
local mostAttempts = 100

local function beginAttempt(attempts, number, worker, now)
  redis.call('HSET', attempts, number .. ':worker', worker, number .. ':started_ms', now, number .. ':state', 'running')
  local old = number - mostAttempts
  if old > 0 then
    redis.call('HDEL', attempts, old .. ':worker', old .. ':started_ms', old .. ':state', old .. ':ended_ms', old .. ':failure')
  end
end

local function endAttempt(attempts, number, state, now, failure)
  if redis.call('HGET', attempts, number .. ':state') ~= 'running' then return end
  redis.call('HSET', attempts, number .. ':state', state, number .. ':ended_ms', now)
  if failure and failure ~= '' then redis.call('HSET', attempts, number .. ':failure', failure) end
end

-- keepRun lets the timeline and the log of a run that has ended go after a time.
local function keepRun(attempts, log, seconds)
  redis.call('EXPIRE', attempts, seconds)
  redis.call('EXPIRE', log, seconds)
end

-- finish writes a job's end into its own record: from here on nothing that happens to the computation changes it. attempt, started and rev are
-- those of the computation, base is the job's. step is by how much the job's version rises beyond what can be read of it so far.
local function finish(jobkey, attempt, started, rev, base, state, now, failure, step)
  redis.call('HSET', jobkey, 'state', state, 'finished_ms', now, 'attempt', attempt or '0', 'started_ms', started or '0',
    'version', tostring(math.max(tonumber(rev or '0') - tonumber(base or '0'), 0) + 1 + step))
  if failure and failure ~= '' then redis.call('HSET', jobkey, 'error', failure) end
end

-- settleThese ends jobs the way their computation c has ended, {state, finished_ms, error, attempt, started_ms, rev}. What can be read of them does
-- not change by that.
-- Returns a list for how many still wait, which is up to the caller, and for each job id, owner, finished_ms, batch (empty for none), state
local function settleThese(ids, c, prefix)
  local state = c[1] == 'stored' and 'succeeded' or 'failed'
  local out = {0}
  for _, id in ipairs(ids) do
    local j = redis.call('HMGET', prefix .. id, 'owner', 'batch', 'base')
    finish(prefix .. id, c[4], c[5], c[6], j[3], state, c[2], c[3], 0)
    local n = #out
    out[n + 1], out[n + 2], out[n + 3], out[n + 4], out[n + 5] = id, j[1] or '', c[2] or '0', j[2] or '', state
  end
  return out
end

-- settle ends up to limit waiting jobs the way their computation has ended.
-- Returns {how many still wait, and for each that it has ended id, owner, finished_ms, batch (empty for none), state}
local function settle(comp, waiters, prefix, limit, keep)
  local c = redis.call('HMGET', comp, 'state', 'finished_ms', 'error', 'attempt', 'started_ms', 'rev')
  local ids = redis.call('SPOP', waiters, limit)
  local out = settleThese(ids, c, prefix)
  if #ids == tonumber(limit) then out[1] = redis.call('SCARD', waiters) end
  if c[1] == 'stored' then
    redis.call('HINCRBY', comp, 'refs', #ids)
  elseif out[1] == 0 then
    redis.call('EXPIRE', comp, keep)
  end
  return out
end

-- lose gives the run of a worker that is gone back to the queue. Three losses while it ran alone in its process are its own doing: then
-- it fails, and is refused for a while. Returns whether it failed so.
local function lose(comp, attempts, log, poison, now, fp, failure, refuse_s, keep_run_s)
  local c = redis.call('HMGET', comp, 'attempt', 'alone')
  redis.call('HDEL', comp, 'progress', 'worker', 'alone') -- first, so that a full Redis lets the rest through
  endAttempt(attempts, c[1], 'lost', now)
  redis.call('HINCRBY', comp, 'losses', 1)
  if c[2] == '1' and redis.call('HINCRBY', comp, 'alone_losses', 1) >= 3 then
    redis.call('HSET', comp, 'state', 'failed', 'error', failure, 'finished_ms', now)
    redis.call('SET', poison, '1', 'EX', refuse_s)
    keepRun(attempts, log, keep_run_s)
    changed(comp, fp)
    return true
  end
  redis.call('HSET', comp, 'state', 'queued', 'queued_ms', now)
  changed(comp, fp .. onTheWay)
  return false
end
