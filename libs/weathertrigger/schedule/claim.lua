-- S2: takes the oldest bells that ring, and moves them forward to the lease's end (the token).
-- KEYS[1] due; KEYS[2..] queues that must not be full together
-- ARGV: offset of the deciding clock to this server's (ms), lease (ms), most to claim, most messages waiting
-- Returns {now, token, next, id, id, ...}: times of the deciding clock in ms, next is the bell after the claimed ('': none).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
local token = now + ARGV[2]
local result = {string.format('%d', now), string.format('%d', token), ''}

local waiting = 0
for i = 2, #KEYS do
    waiting = waiting + redis.call('LLEN', KEYS[i])
end
if waiting < tonumber(ARGV[4]) then
    local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[3])
    for _, id in ipairs(ids) do
        redis.call('ZADD', KEYS[1], token, id)
        result[#result + 1] = id
    end
end

local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
result[3] = first[2] or ''
return result
