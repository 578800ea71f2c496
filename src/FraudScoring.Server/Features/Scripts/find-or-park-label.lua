-- Finds the entities of a label's transaction, or parks the label until the transaction arrives.
--
-- KEYS    The bucket's parked labels, the transaction's claim, the mark of a label that was parked before, the label's claim.
-- ARGV    The transaction's keyed hash, the label with its record, the most transactions with parked labels, the label's record
--         (partition and offset), the most labels to park for one transaction.
-- Result  The transaction's claim (a string). 1: the label is or was parked, or is known from another record. 0: there is no room.
--
-- Guarantees
--   Atomic: the transaction is found or the label is parked; no transaction can arrive in between.
--   Bounded: a bucket never holds parked labels of more transactions than given, nor more labels of one.
--   Idempotent: a record that was parked once is never applied itself, however often it is read. The record that is published for it
--   later, with tokens, is applied instead.
--   That later record must not look like a duplicate of the parked one, or neither would be applied. So any claim that this record holds on
--   its label is deleted first. It holds one if an earlier batch found the transaction and claimed the label, but was not written because
--   Redis had lost data, the transaction's claim included.
--   A label that another record has claimed, such as its copy with tokens, is not parked: no search must publish that copy again.
--   All labels of a transaction stay parked, each after its length in eight digits: a correction must not displace what it corrects.
local claim = redis.call('GET', KEYS[4])
if claim == ARGV[4] then redis.call('DEL', KEYS[4]) end
if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
local parked, label = redis.call('HGET', KEYS[1], ARGV[1]), ARGV[2]
local at, count = 1, 0
while parked and at <= #parked do
  local length = tonumber(string.sub(parked, at, at + 7))
  local one = string.sub(parked, at + 8, at + 7 + length)
  if string.sub(one, 1, 8) == string.sub(label, 1, 8) and string.sub(one, 17, 28) == string.sub(label, 17, 28) then return 1 end
  at, count = at + 8 + length, count + 1
end
local held = redis.call('GET', KEYS[2])
if held then return held end
if claim and claim ~= ARGV[4] then return 1 end
if not parked and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
if count >= tonumber(ARGV[5]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], (parked or '') .. string.format('%08d', #label) .. label)
return 1
