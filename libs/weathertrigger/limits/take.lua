-- Takes as many hits as a call costs, if there is room for them in every window that ends now.
-- KEYS[1] hits; ARGV: the time (ms; '' is the time of this server), id of the call, its cost, the longest window (ms), how
-- much longer the set is kept (ms), then of each limit: its window (ms), its calls, how many hits may be newer than the one
-- that must leave the window first
-- Returns false if the set is not there or not kept for long enough, else the time, then for each limit the time of the hit
-- that must leave first, or -1 where there is room. Nothing was taken unless there is room everywhere.
local kept = tonumber(redis.call('ZSCORE', KEYS[1], 'seeded') or -1)
if kept < tonumber(ARGV[4]) then
    return false
end
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local result = {now}
local room = true
for i = 6, #ARGV, 3 do
    result[#result + 1] = -1
    if redis.call('ZCOUNT', KEYS[1], now - ARGV[i], '+inf') + ARGV[3] > tonumber(ARGV[i + 1]) then
        local rank = -1 - ARGV[i + 2]
        result[#result] = tonumber(redis.call('ZRANGE', KEYS[1], rank, rank, 'WITHSCORES')[2])
        room = false
    end
end
if room then
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. kept, '(' .. now - kept)
    for i = 1, ARGV[3] do
        redis.call('ZADD', KEYS[1], now, ARGV[2] .. i)
    end
    redis.call('PEXPIRE', KEYS[1], kept + ARGV[5])
end
return result
