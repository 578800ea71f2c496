-- Finds how often a topic was recreated, and counts it if the topic has an id that it never had before.
--
-- KEYS    The history.
-- ARGV    The topic's field; its id, '' if it is not known; the generation to begin with if the field does not exist.
-- Result  The topic's generation, from 0.
--
-- Guarantees
--   Atomic: of several instances that see the new id exactly one counts it, and all get the same generation.
--   Idempotent: a repeated call returns the same generation. So does a call with an earlier id, which a broker with old metadata may give.
--
-- The value is the generation, then the ids, the current one first and at most eight earlier ones.
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local generation, ids = tonumber(ARGV[3]), {}
if stored then
  generation = tonumber(string.match(stored, '^%d+'))
  for id in string.gmatch(stored, ' (%S+)') do ids[#ids + 1] = id end
end
for _, id in ipairs(ids) do
  if id == ARGV[2] then return generation end
end
if ARGV[2] == '' then return generation end
if stored then generation = generation + 1 end
local former = table.concat(ids, ' ', 1, math.min(8, #ids))
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', generation) .. ' ' .. ARGV[2] .. ' ' .. former)
return generation
