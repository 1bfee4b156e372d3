-- S2: takes the oldest bells that ring, and moves them forward to the lease's end (the token).
-- KEYS[1] due; KEYS[2] starts; KEYS[3] checks of each start; KEYS[4] unreported; KEYS[5..] queues that must not be full together
-- ARGV: offset of the deciding clock to this server's (ms), lease (ms), most to claim, most messages waiting,
--       longest that the first message of a queue may have waited (ms)
-- Returns {now, token, next, n, n ids, then id, unreported, ...}: times of the deciding clock in ms, next is the bell after the
-- claimed ('': none), unreported is 'due start start ...' of those claimed rules that have any.
local time = redis.call('TIME')
local here = time[1] * 1000 + math.floor(time[2] / 1000)
local now = here + ARGV[1]
local token = now + ARGV[2]
local result = {string.format('%d', now), string.format('%d', token), '', 0}

-- S3: a start whose lease is over and that nobody has reported counts against its checks, until it is taken back.
for _, start in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do
    for _, check in ipairs(cjson.decode(redis.call('HGET', KEYS[3], start) or '[]')) do
        local known = redis.call('HGET', KEYS[4], check[1])
        local known_due = known and tonumber(string.match(known, '^%d+')) or -1
        if known_due == check[2] then
            redis.call('HSET', KEYS[4], check[1], known .. ' ' .. start)
        elseif known_due < check[2] then
            redis.call('HSET', KEYS[4], check[1], string.format('%d %s', check[2], start))
        end
    end
    redis.call('ZREM', KEYS[2], start)
    redis.call('HDEL', KEYS[3], start)
end

-- Back-pressure: nothing more while the queues are full, or while nobody takes what has been waiting for long.
local waiting = 0
for i = 5, #KEYS do
    waiting = waiting + redis.call('LLEN', KEYS[i])
    local sent = string.match(redis.call('LINDEX', KEYS[i], 0) or '', '^t(%d+)%.')
    if sent and here - sent > tonumber(ARGV[5]) then
        waiting = math.huge
    end
end
if waiting < tonumber(ARGV[4]) then
    local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[3])
    for _, id in ipairs(ids) do
        redis.call('ZADD', KEYS[1], token, id)
        result[#result + 1] = id
    end
    result[4] = #ids
    if redis.call('HLEN', KEYS[4]) > 0 then
        for _, id in ipairs(ids) do
            local unreported = redis.call('HGET', KEYS[4], id)
            if unreported then
                result[#result + 1] = id
                result[#result + 1] = unreported
            end
        end
    end
end

local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
result[3] = first[2] or ''
return result
