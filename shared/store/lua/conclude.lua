-- Publish a result in one call, where one Redis has all slots: close the jobs that it has ended as well, and end the run's delivery if none is left.
-- complete and close are the scripts of these names, errand is what ends the delivery, or does nothing.
-- KEYS those of complete, those of the errand
-- ARGV owner_prefix, how many are the errand's, those of the errand, those of complete
-- Returns {1, waiting, ran} or {0, state} as complete does; ran is 1 if the errand has run
local n = tonumber(ARGV[2])
local out = complete({unpack(KEYS, 1, 4)}, {unpack(ARGV, n + 3)})
if out[1] ~= 1 then return out end
local owners = {}
for i = 3, #out, 5 do
  local tag = ARGV[1] .. out[i + 1] .. '}:'
  local jobs = owners[tag] or {tag .. 'batch:'}
  owners[tag] = jobs
  local k = #jobs
  jobs[k + 1], jobs[k + 2], jobs[k + 3], jobs[k + 4] = out[i], out[i + 2], out[i + 3], out[i + 4]
end
for tag, jobs in pairs(owners) do close({tag .. 'open', tag .. 'deadlines', tag .. 'scheduled', tag .. 'finished'}, jobs) end
if n == 0 or out[2] > 0 then return {1, out[2], 0} end
errand({unpack(KEYS, 5)}, {unpack(ARGV, 3, n + 2)})
return {1, 0, 1}
