-- Ends a call. An answer ends a row of failures, a good one also a row of limits that were told before the call was let in.
-- KEYS[1] breaker; KEYS[2] calls in flight; then as many cool-downs as there are numbers at the end of ARGV; then which
-- troubles have been told
-- ARGV: id of the call, what the service has answered ('good', 'refused' or 'nothing'), of each cool-down how many limits were
-- told in a row when the call was let in
-- Returns the state of the breaker and since when (ms; '' if nothing is known of it), then for each cool-down 1 if it is not over, then for each trouble 1 if it has been told.
redis.call('ZREM', KEYS[2], ARGV[1])
local breaker = redis.call('HMGET', KEYS[1], 'state', 'failures', 'since')
local state = breaker[1] or 'closed'
if ARGV[2] ~= 'nothing' and state == 'closed' and tonumber(breaker[2] or 0) > 0 then
    redis.call('HSET', KEYS[1], 'failures', 0)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local result = {state, breaker[3] or ''}
for i = 3, #ARGV do
    local cool_down = redis.call('HMGET', KEYS[i], 'until', 'limits')
    if ARGV[2] == 'good' and cool_down[2] == ARGV[i] then
        redis.call('HDEL', KEYS[i], 'limits')
    end
    result[#result + 1] = (tonumber(cool_down[1]) or 0) > now and 1 or 0
end
for i = #ARGV + 1, #KEYS do
    result[#result + 1] = redis.call('EXISTS', KEYS[i])
end
return result
