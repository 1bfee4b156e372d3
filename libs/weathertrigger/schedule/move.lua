-- Compare-and-set: moves each bell from the expected score to a new one ('' removes it).
-- KEYS[1] due; ARGV: expected score, then id, new score, id, new score, ...
-- Returns the ids that were moved.
local moved = {}
for i = 2, #ARGV, 2 do
    local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
    if score and tonumber(score) == tonumber(ARGV[1]) then
        if ARGV[i + 1] == '' then
            redis.call('ZREM', KEYS[1], ARGV[i])
        else
            redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
        end
        moved[#moved + 1] = ARGV[i]
    end
end
return moved
