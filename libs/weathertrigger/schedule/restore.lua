-- S7: adds bells that are missing; lowers only a bell that is too late and is no lease (leases end before the bound).
-- KEYS[1] due; ARGV: the latest score that may be a lease, then id, next check, id, next check, ...
-- Returns how many were added or lowered.
local restored = 0
for i = 2, #ARGV, 2 do
    local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
    local wanted = tonumber(ARGV[i + 1])
    if not score or (tonumber(score) > wanted and tonumber(score) > tonumber(ARGV[1])) then
        redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
        restored = restored + 1
    end
end
return restored
