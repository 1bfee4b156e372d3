-- Sets a cool-down, or lengthens the one that there is.
-- KEYS[1] cool-down; ARGV: how long from now (ms), why
-- Returns 1 if it ends later than it did.
if redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
return 1
