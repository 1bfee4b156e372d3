-- Takes the oldest messages out of a queue, for a worker to acknowledge.
-- KEYS[1] queue; KEYS[2] bodies; KEYS[3] what the worker has and has not acknowledged; ARGV[1] most to take
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
return taken
