-- Removes a parked label that was published, and marks it as parked once.
--
-- KEYS    The bucket's parked labels, the mark.
-- ARGV    The transaction's keyed hash, the label with its record, the time to live of the mark in milliseconds.
-- Result  1: the label was removed. 0: it is not there.
--
-- Guarantees
--   Atomic: the mark and the removal happen together, so a label that is read again is never parked a second time.
--   Never removes another label.
--   Idempotent: a repeated call renews the mark and returns 0.
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
local parked, at = redis.call('HGET', KEYS[1], ARGV[1]), 1
while parked and at <= #parked do
  local after = at + 8 + tonumber(string.sub(parked, at, at + 7))
  if string.sub(parked, at + 8, after - 1) == ARGV[2] then
    local others = string.sub(parked, 1, at - 1) .. string.sub(parked, after)
    if others == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], others) end
    return 1
  end
  at = after
end
return 0
