-- Takes as many hits as a call costs, if there is room for them in every window that ends now.
-- KEYS[1] hits; ARGV: the time (ms; '' is the time of this server), id of the call, its cost, the longest window (ms), how
-- much longer the set is kept (ms), then of each limit: its window (ms), how many calls it has for this one
-- Returns false if the set is not there or not kept for long enough, else the time, then for each limit how many hits are in
-- its window, and the time of the hit that must leave first: -1 where there is room, -2 where that would not be enough.
-- Nothing was taken unless there is room everywhere.
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
for i = 6, #ARGV, 2 do
    local used = redis.call('ZCOUNT', KEYS[1], now - ARGV[i], '+inf')
    local may_stay = ARGV[i + 1] - ARGV[3]
    local must_leave = -1
    if may_stay < 0 then
        must_leave = -2
    elseif used > may_stay then
        must_leave = tonumber(redis.call('ZRANGE', KEYS[1], -1 - may_stay, -1 - may_stay, 'WITHSCORES')[2])
    end
    room = room and must_leave == -1
    result[#result + 1] = used
    result[#result + 1] = must_leave
end
if room then
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. kept, '(' .. now - kept)
    for i = 1, ARGV[3] do
        redis.call('ZADD', KEYS[1], now, ARGV[2] .. i)
    end
    redis.call('PEXPIRE', KEYS[1], kept + ARGV[5])
end
return result
