-- Take a job in one call, where one Redis has the owner's slot and the computation's: admit it, write it down, and join, hit or start its
-- computation. admit, submit, close and read are the scripts of these names, errand is what queues the run that it starts, or does nothing.
-- KEYS owners finished, those of admit, those of submit, those of the errand
-- ARGV owner computation_prefix batch_prefix, those of admit, those of submit, those of the errand
-- Returns {what admit says}, or {what admit says, what submit says}, with what read says as well if the job has joined or hit
local entered = admit({unpack(KEYS, 3, 9)}, {unpack(ARGV, 4, 12)})
if entered[1] ~= 1 then return {entered} end
if (entered[4] or 0) == 0 then redis.call('SADD', KEYS[1], ARGV[1]) end -- an owner with open jobs is known
local job = {unpack(ARGV, 13, 24)}
if entered[4] then job[10] = 'fresh' end
local made = submit({unpack(KEYS, 10, 13)}, job)
if made[1] == 'miss' then errand({unpack(KEYS, 14)}, {unpack(ARGV, 25)}) end
if made[1] ~= 'hit' and made[1] ~= 'joined' then return {entered, made} end
if made[1] == 'hit' then close({KEYS[4], KEYS[5], KEYS[6], KEYS[2]}, {ARGV[3], ARGV[4], ARGV[15], ARGV[24], 'succeeded'}) end
return {entered, made, read({KEYS[10]}, {ARGV[2]})}
