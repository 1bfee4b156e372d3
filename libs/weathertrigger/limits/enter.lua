-- Lets one call in, or says what is against it.
-- KEYS[1] cool-down; KEYS[2] breaker; KEYS[3] calls in flight
-- ARGV: id of the call, its lease (ms), most calls at once, how long an open breaker stays so (ms), how long one is kept (ms)
-- Returns {'in', state of the breaker}, {'cool-down', ms left, why}, {'open', ms left}, {'probing'} or {'busy'}.
local left = redis.call('PTTL', KEYS[1])
if left > 0 then
    return {'cool-down', left, redis.call('GET', KEYS[1])}
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local breaker = redis.call('HMGET', KEYS[2], 'state', 'opened_at')
local state = breaker[1] or 'closed'
if state == 'open' then
    left = (tonumber(breaker[2]) or 0) + ARGV[4] - now
    if left > 0 then
        return {'open', left}
    end
end

redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
local calls = redis.call('ZCARD', KEYS[3])
if state ~= 'closed' and calls > 0 then
    return {'probing'}
elseif calls >= tonumber(ARGV[3]) then
    return {'busy'}
end
if state == 'open' then
    state = 'half-open'
    redis.call('HSET', KEYS[2], 'state', state, 'since', now, 'successes', 0)
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
redis.call('ZADD', KEYS[3], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return {'in', state}
