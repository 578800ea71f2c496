-- Claims labels of one bucket, and finds those that another record has claimed.
--
-- KEYS    The labels.
-- ARGV    The time to live in milliseconds; then for each label its record (partition and offset).
-- Result  The indexes of the labels that another record has claimed.
--
-- Guarantees
--   Atomic per call: of two records with the same label exactly one claims it, whichever instances read them.
--   Idempotent: a record that has claimed its label may claim it again with the same answer, so a batch can be repeated after a crash.
local answers = {}
for k = 1, #KEYS do
  local held = redis.call('GET', KEYS[k])
  if not held then redis.call('SET', KEYS[k], ARGV[k + 1], 'PX', ARGV[1])
  elseif held ~= ARGV[k + 1] then answers[#answers + 1] = k - 1 end
end
return answers
