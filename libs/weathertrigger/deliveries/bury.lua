-- Moves a message that nobody can work on to the dead ones of its queue, with the reason; again is as good as once.
-- KEYS[1] what the worker has; KEYS[2] bodies; KEYS[3] dead ids by time; KEYS[4] dead bodies; KEYS[5] reasons
-- ARGV: id, reason
if redis.call('SREM', KEYS[1], ARGV[1]) == 1 then
    local body = redis.call('HGET', KEYS[2], ARGV[1])
    if body then
        redis.call('ZADD', KEYS[3], redis.call('TIME')[1] * 1000, ARGV[1])
        redis.call('HSET', KEYS[4], ARGV[1], body)
        redis.call('HSET', KEYS[5], ARGV[1], ARGV[2])
        redis.call('HDEL', KEYS[2], ARGV[1])
    end
end
