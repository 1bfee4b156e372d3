-- Takes the oldest messages out of a queue, for a worker to acknowledge.
-- KEYS[1] queue; KEYS[2] bodies; KEYS[3] what the worker has and has not acknowledged; KEYS[4] heartbeats
-- ARGV: most to take; the worker's broker id, by which whoever looks for what dead workers had finds it
-- Returns {id, body, id, body, ...}. An id without a body was acknowledged already, or its body was lost: it is let go.
local taken = {}
for _ = 1, ARGV[1] do
    local id = redis.call('LPOP', KEYS[1])
    if not id then
        break
    end
    local body = redis.call('HGET', KEYS[2], id)
    if body then
        redis.call('SADD', KEYS[3], id)
        taken[#taken + 1] = id
        taken[#taken + 1] = body
    end
end
if #taken > 0 then
    redis.call('ZADD', KEYS[4], redis.call('TIME')[1] * 1000, ARGV[2])
end
return taken
