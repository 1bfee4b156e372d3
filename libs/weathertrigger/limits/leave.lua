-- Ends a call. An answer ends a row of failures.
-- KEYS[1] breaker; KEYS[2] calls in flight; KEYS[3..] which troubles have been told; ARGV: id of the call, whether the
-- service has answered ('1' or '0')
-- Returns the state of the breaker, then for each trouble 1 if it has been told.
redis.call('ZREM', KEYS[2], ARGV[1])
local breaker = redis.call('HMGET', KEYS[1], 'state', 'failures')
local state = breaker[1] or 'closed'
if ARGV[2] == '1' and state == 'closed' and tonumber(breaker[2] or 0) > 0 then
    redis.call('HSET', KEYS[1], 'failures', 0)
end
local result = {state}
for i = 3, #KEYS do
    result[#result + 1] = redis.call('EXISTS', KEYS[i])
end
return result
