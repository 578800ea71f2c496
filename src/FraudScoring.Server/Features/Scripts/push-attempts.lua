-- Adds a score request to the newest score requests of a payment's entities.
--
-- KEYS    The newest score requests of each entity.
-- ARGV    The request's entry, the time to live in milliseconds; then for each entity the most bytes to keep.
-- Result  For each entity its score requests, newest first, beginning with this one.
--
-- Guarantees
--   Atomic: every request is in the list it receives, and no concurrent request is lost.
--   Bounded: a list never exceeds the bytes given for its entity.
--   Not idempotent: a repeated call adds a second entry. An entry holds a hash of the transaction's id, so readers count it once.
local all = {}
for k = 1, #KEYS do
  all[k] = string.sub(ARGV[1] .. (redis.call('GET', KEYS[k]) or ''), 1, tonumber(ARGV[2 + k]))
  redis.call('SET', KEYS[k], all[k], 'PX', ARGV[2])
end
return all
