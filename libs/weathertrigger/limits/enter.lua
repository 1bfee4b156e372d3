-- Lets one call in, or says what is against it.
-- KEYS[1] breaker; KEYS[2] calls in flight; KEYS[3..] cool-downs: the account's, the service's
-- ARGV: id of the call, its lease (ms), most calls at once, how long a breaker that has opened stays so (ms), the longest that
-- it does after probes that failed (ms), how long one is kept (ms)
-- Returns {'in', state of the breaker, then of each cool-down how many limits were told in a row},
-- {'cool-down', ms left, why, which}, {'open', ms left}, {'probing'} or {'busy'}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local result = {'in', ''}
local longest, held = 0, nil
for i = 3, #KEYS do
    local cool_down = redis.call('HMGET', KEYS[i], 'until', 'why', 'limits')
    local left = (tonumber(cool_down[1]) or 0) - now
    if left > longest then
        longest, held = left, {'cool-down', left, cool_down[2], i - 3}
    end
    result[#result + 1] = tonumber(cool_down[3]) or 0
end
if held then
    return held
end

local breaker = redis.call('HMGET', KEYS[1], 'state', 'opened_at', 'failed_probes')
local state = breaker[1] or 'closed'
if state == 'open' then
    local open_for = math.min(ARGV[4] * 2 ^ (tonumber(breaker[3]) or 0), math.max(ARGV[4], ARGV[5]))
    local left = (tonumber(breaker[2]) or 0) + open_for - now
    if left > 0 then
        return {'open', left}
    end
end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local calls = redis.call('ZCARD', KEYS[2])
if state ~= 'closed' and calls > 0 then
    return {'probing'}
elseif calls >= tonumber(ARGV[3]) then
    return {'busy'}
end
if state == 'open' then
    state = 'half-open'
    redis.call('HSET', KEYS[1], 'state', state, 'since', now, 'successes', 0)
    redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
result[2] = state
return result
