-- Compare-and-set: moves each bell from the expected score to a new one ('' removes it). One command for all of them: a
-- call of one costs as much as a dozen bells in it.
-- KEYS[1] due; ARGV: expected score, then id, new score, id, new score, ... (a thousand bells at most: Lua's stack is small)
-- Returns the ids that stood elsewhere, and were left there.
local ids = {}
for i = 2, #ARGV, 2 do
    ids[#ids + 1] = ARGV[i]
end
local expected = tonumber(ARGV[1])
local moved, removed, left = {}, {}, {}
for n, score in ipairs(redis.call('ZMSCORE', KEYS[1], unpack(ids))) do
    local wanted = ARGV[2 * n + 1]
    if not score or tonumber(score) ~= expected then
        left[#left + 1] = ids[n]
    elseif wanted == '' then
        removed[#removed + 1] = ids[n]
    else
        moved[#moved + 1] = wanted
        moved[#moved + 1] = ids[n]
    end
end
if #moved > 0 then
    redis.call('ZADD', KEYS[1], unpack(moved))
end
if #removed > 0 then
    redis.call('ZREM', KEYS[1], unpack(removed))
end
return left
