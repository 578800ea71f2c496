-- Shortens the log of an entity's score requests.
--
-- KEYS    The log.
-- ARGV    The bytes that were read, the bytes that replace them.
-- Result  1: replaced. 0: the log does not begin with these bytes any more, and nothing was written.
--
-- Guarantees
--   Atomic: no concurrent request is lost. What was appended since the log was read stays behind the replaced bytes.
--   Never undoes an erasure: an erased log, or one that began again, does not begin with the bytes that were read.
--   Keeps the time to live, which each request renews itself.
--   Idempotent: a repeated call finds other bytes, returns 0 and writes nothing.
local log = redis.call('GET', KEYS[1])
if not log or string.sub(log, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. string.sub(log, #ARGV[1] + 1), 'KEEPTTL')
return 1
