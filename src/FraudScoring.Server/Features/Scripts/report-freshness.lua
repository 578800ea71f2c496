-- Stores until when the records of partitions are applied, by Redis's own clock.
--
-- KEYS    The freshness (a hash from partition to milliseconds since the Unix epoch), the marker of its bucket.
-- ARGV    Five values for each partition: its field, the least offset that the marker must have, for how many milliseconds it has been
--         behind, and how to store that: 'advance' (never back), 'set' (also back, after a rewind) or 'begin' (only if there is no value);
--         and the offset that the markers of all buckets have at least, which is stored with the time.
-- Result  1: stored. 0: the marker is behind, so Redis has lost data, and nothing was stored.
--
-- Guarantees
--   Atomic: the values of all partitions are stored, or none.
--   Independent of the clocks of the instances: they send a duration, and Redis subtracts it from its own time.
--   Safe after a loss: an instance that has not noticed yet that Redis was emptied cannot call the new state fresh.
--   Idempotent: a repeated call stores the same, but for the time that has passed in between.
--   Never ahead of the clock for long: a value that is, because the clock was set back, is replaced.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for i = 1, #ARGV, 5 do
  if tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or '0') < tonumber(ARGV[i + 1]) then return 0 end
end
for i = 1, #ARGV, 5 do
  local stored, applied = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '-1'), now - tonumber(ARGV[i + 2])
  if stored < 0 or ARGV[i + 3] == 'set' or (ARGV[i + 3] == 'advance' and (stored < applied or stored > now)) then
    redis.call('HSET', KEYS[1], ARGV[i], string.format('%.0f', applied), 'marker:' .. ARGV[i], ARGV[i + 4])
  end
end
return 1
