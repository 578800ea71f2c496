-- Claims transactions, and finds those that another record has claimed and those that parked labels wait for.
--
-- KEYS    For each bucket: its parked labels, then its transactions.
-- ARGV    The time to live in milliseconds; then for each bucket the number of its transactions, and for each of those its claim (the
--         first 12 bytes are its record: partition and offset; then its entities and its time) and its keyed hash.
-- Result  Two values for each transaction that is a duplicate or has parked labels: its index among all transactions, and '' (another
--         record has claimed it) or the parked labels, each after its length in eight digits.
--
-- Guarantees
--   Atomic per call: of two records of one transaction exactly one claims it, whichever instances read them.
--   Idempotent: a record that has claimed its transaction may claim it again with the same answer, so a batch can be repeated.
--   A parked label stays parked: only unpark-label removes it, after it was published. Removing it here would lose it in a crash.
local answers, key, arg, position = {}, 1, 2, 0
while key <= #KEYS do
  local waiting, count = redis.call('HLEN', KEYS[key]) > 0, tonumber(ARGV[arg])
  for k = 1, count do
    local own, held = ARGV[arg + 2 * k - 1], false
    if not redis.call('SET', KEYS[key + k], own, 'NX', 'PX', ARGV[1]) then held = redis.call('GET', KEYS[key + k]) end
    if held and string.sub(held, 1, 12) ~= string.sub(own, 1, 12) then
      answers[#answers + 1] = position
      answers[#answers + 1] = ''
    elseif waiting then
      local labels = redis.call('HGET', KEYS[key], ARGV[arg + 2 * k])
      if labels then
        answers[#answers + 1] = position
        answers[#answers + 1] = labels
      end
    end
    position = position + 1
  end
  key, arg = key + count + 1, arg + 2 * count + 1
end
return answers
