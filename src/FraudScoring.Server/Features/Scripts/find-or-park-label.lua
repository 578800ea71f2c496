-- Finds the entities of a label's transaction, or parks the label until the transaction arrives.
--
-- KEYS    The bucket's parked labels, the transaction's claim, the mark of a label that was parked before, the label's claim.
-- ARGV    The transaction's keyed hash, the label with its record, the most labels to park, the label's record (partition and offset).
-- Result  The transaction's claim (a string). 1: the label is or was parked. 0: there is no room.
--
-- Guarantees
--   Atomic: the transaction is found or the label is parked; no transaction can arrive in between.
--   Bounded: a bucket never holds more parked labels than given.
--   Idempotent: a record that was parked once is never applied itself, however often it is read. The record that is published for it
--   later, with tokens, is applied instead.
--   That later record must not look like a duplicate of the parked one, or neither would be applied. So any claim that this record holds on
--   its label is deleted first. It holds one if an earlier batch found the transaction and claimed the label, but was not written because
--   Redis had lost data, the transaction's claim included.
--   Of several labels of one transaction the latest stays parked.
if redis.call('GET', KEYS[4]) == ARGV[4] then redis.call('DEL', KEYS[4]) end
if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
local parked = redis.call('HGET', KEYS[1], ARGV[1])
if parked and string.sub(parked, 1, 8) == string.sub(ARGV[2], 1, 8) and string.sub(parked, 17, 28) == string.sub(ARGV[2], 17, 28) then
  return 1
end
local held = redis.call('GET', KEYS[2])
if held then return held end
if not parked and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
if not parked or parked < ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return 1
