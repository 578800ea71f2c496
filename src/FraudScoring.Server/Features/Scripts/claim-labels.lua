-- Remembers labels of one bucket, and finds those that another record brought already.
--
-- KEYS    The labels.
-- ARGV    The time to live in milliseconds; for each label which record it came with.
-- Result  The positions of the labels that another record brought.
--
-- Guarantees
--   Atomic per call: of two records with the same label exactly one claims it, whichever instances read them.
--   Idempotent: a record that has claimed its label claims it again with the same answer, so a batch may be read again after a crash.
local answers = {}
for k = 1, #KEYS do
  local held = redis.call('GET', KEYS[k])
  if not held then redis.call('SET', KEYS[k], ARGV[k + 1], 'PX', ARGV[1])
  elseif held ~= ARGV[k + 1] then answers[#answers + 1] = k - 1 end
end
return answers
