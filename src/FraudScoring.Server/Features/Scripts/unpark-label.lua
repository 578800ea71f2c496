-- Removes a parked label that was published, and marks it as parked once.
--
-- KEYS    The bucket's parked labels, the mark.
-- ARGV    The transaction's keyed hash, the label with its record, the time to live of the mark in milliseconds.
-- Result  1: the label was removed. 0: it is not there, or another label was parked in its place and stays.
--
-- Guarantees
--   Atomic: the mark and the removal happen together, so a label that is read again is never parked a second time.
--   Never removes another label.
--   Idempotent: a repeated call renews the mark and returns 0.
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
