-- The last look before a call leaves: it still has its place and its hits. They are dated anew, so that neither a slow
-- database nor a Redis that has forgotten everything lets more calls out than the limits allow.
-- KEYS[1] calls in flight; KEYS[2..] hits; ARGV: id of the call, its lease (ms), its cost, then of each hits their shortest
-- window (ms)
-- Returns 'ready', 'late' (the place was lost) or 'forgotten' (the hits were; the place is kept).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not lease or tonumber(lease) <= now then
    return 'late'
end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])

-- Hits that have left a window must not come back into it: others may have taken their room.
for i = 2, #KEYS do
    local hit = redis.call('ZSCORE', KEYS[i], ARGV[1] .. 1)
    if not hit or now - hit > tonumber(ARGV[i + 2]) then
        return 'forgotten'
    end
end
for i = 2, #KEYS do
    for number = 1, ARGV[3] do
        redis.call('ZADD', KEYS[i], now, ARGV[1] .. number)
    end
end
return 'ready'
