-- Reads until when the records of all partitions are applied, and which history is missing, with the time of Redis's clock.
--
-- KEYS    The freshness, the history, the marker of their bucket.
-- ARGV    None.
-- Result  The current time in milliseconds since the Unix epoch; the fingerprint of the secret that the profiles have, '' if there are
--         none; then the fields and values of the freshness and of the history.
--
-- Guarantees
--   Atomic: the time and the values belong together.
--   Idempotent: writes nothing.
local time = redis.call('TIME')
local answer = {string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))}
answer[2] = redis.call('HGET', KEYS[3], 'secret') or ''
for k = 1, 2 do
  for _, value in ipairs(redis.call('HGETALL', KEYS[k])) do answer[#answer + 1] = value end
end
return answer
