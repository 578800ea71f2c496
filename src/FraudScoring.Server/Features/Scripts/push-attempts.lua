-- Adds a score request to the newest score requests of a payment's entities.
--
-- KEYS    The newest score requests of each entity.
-- ARGV    The request's entry, the time to live in milliseconds; then for each entity the most bytes to keep.
-- Result  For each entity its score requests, newest first, beginning with this one.
--
-- Guarantees
--   Atomic: every request is in the list it receives, and no concurrent request is lost.
--   Bounded: a list never exceeds the bytes given for its entity.
--   Idempotent: an entry of 13 bytes ends with a hash of the transaction's id in 5 bytes. An entry with the same hash is replaced, so that
--   retries of one transaction do not push other requests out of the list. At any other place of an entry, equal bytes mean nothing.
local id = string.sub(ARGV[1], 9)
local all = {}
for k = 1, #KEYS do
  local list = redis.call('GET', KEYS[k]) or ''
  local at = string.find(list, id, 1, true)
  while at and at % 13 ~= 9 do
    at = string.find(list, id, at + 1, true)
  end
  if at then
    list = string.sub(list, 1, at - 9) .. string.sub(list, at + 5)
  end
  all[k] = string.sub(ARGV[1] .. list, 1, tonumber(ARGV[2 + k]))
  redis.call('SET', KEYS[k], all[k], 'PX', ARGV[2])
end
return all
