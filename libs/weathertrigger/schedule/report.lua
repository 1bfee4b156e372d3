-- S5: takes a start back, because its step has reported an end. Where its lease was over already, it was counted against its
-- checks (claim.lua), and is taken out there.
-- KEYS[1] starts; KEYS[2] checks of each start; KEYS[3] unreported; ARGV: start, then the rules of its checks
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 or redis.call('HLEN', KEYS[3]) == 0 then
    return
end
for i = 2, #ARGV do
    local unreported = redis.call('HGET', KEYS[3], ARGV[i])
    if unreported then
        local left = {}
        for word in string.gmatch(unreported, '%S+') do
            if word ~= ARGV[1] then
                left[#left + 1] = word
            end
        end
        if #left > 1 then
            redis.call('HSET', KEYS[3], ARGV[i], table.concat(left, ' '))
        else
            redis.call('HDEL', KEYS[3], ARGV[i])
        end
    end
end
