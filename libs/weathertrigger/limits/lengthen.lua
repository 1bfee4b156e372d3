-- Sets a cool-down, or lengthens the one that there is. Of limits that are told in a row each one doubles it.
-- KEYS[1] cool-down; ARGV: how long from now (ms), why, how long the key is kept (ms; longer than any cool-down), and for a
-- limit how many were told in a row when the call was let in, how long the doubling may make it (ms)
-- Returns its length (ms), or 0 if it ends no later than it did.
local length = tonumber(ARGV[1])
if ARGV[4] then
    -- Calls that were under way together are told of one limit, not of several.
    local limits = tonumber(redis.call('HGET', KEYS[1], 'limits') or 0)
    if limits <= tonumber(ARGV[4]) then
        limits = redis.call('HINCRBY', KEYS[1], 'limits', 1)
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
    end
    length = math.max(length, math.min(length * 2 ^ (limits - 1), ARGV[5]))
end
local time = redis.call('TIME')
local ends = time[1] * 1000 + math.floor(time[2] / 1000) + length
if tonumber(redis.call('HGET', KEYS[1], 'until') or 0) >= ends then
    return 0
end
redis.call('HSET', KEYS[1], 'until', ends, 'why', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return length
