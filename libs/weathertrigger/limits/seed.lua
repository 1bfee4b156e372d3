-- Makes the set of hits anew, from calls that are known by their age, unless somebody else has made it or Redis has
-- forgotten everything since the calls were read.
-- KEYS[1] hits; KEYS[2] ticket; ARGV: the time (ms; '' is the time of this server), the longest window (ms), how much longer
-- the set is kept (ms), then age (ms) and number of calls, the youngest first
if redis.call('DEL', KEYS[2]) == 0 or tonumber(redis.call('ZSCORE', KEYS[1], 'seeded') or -1) >= tonumber(ARGV[2]) then
    return
end
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], ARGV[2], 'seeded')
for i = 4, #ARGV, 2 do
    for number = 1, ARGV[i + 1] do
        redis.call('ZADD', KEYS[1], now - ARGV[i], i .. ':' .. number)
    end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[3])
