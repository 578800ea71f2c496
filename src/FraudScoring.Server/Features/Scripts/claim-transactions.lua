-- Remembers transactions, and finds those that another record brought already and those that a label waits for.
--
-- KEYS    For each bucket: its parked labels, then its transactions.
-- ARGV    The time to live in milliseconds; then for each bucket the number of its transactions, and for each of those what is to be
--         remembered (its first 12 bytes say which record it came with) and its keyed hash.
-- Result  For each transaction that needs it, two values: its position among all transactions, and '' (another record brought it) or the
--         label that was parked.
--
-- Guarantees
--   Atomic per call: of two records of one transaction exactly one claims it, whichever instances read them.
--   Idempotent: a record that has claimed its transaction claims it again with the same answer, so a batch may be read again after a crash.
--   A parked label stays parked: only unpark-label takes it away, after it was published.
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
      local label = redis.call('HGET', KEYS[key], ARGV[arg + 2 * k])
      if label then
        answers[#answers + 1] = position
        answers[#answers + 1] = label
      end
    end
    position = position + 1
  end
  key, arg = key + count + 1, arg + 2 * count + 1
end
return answers
