-- Replaces a corrupt profile by one that was rebuilt from the Kafka log.
--
-- KEYS    The bucket's marker, the bucket's version, the profile.
-- ARGV    The corrupt bytes, the new value, its time to live in milliseconds, the bucket's new version; then pairs of a partition's
--         field in the marker and the offset before which the new value has all of the partition's records.
-- Result  1: the new value is stored, or is no longer needed. 0: the bucket has records that the new value lacks.
--
-- Fields of the marker that are not numbers are not of partitions.
--
-- Guarantees
--   Atomic: the profile and the version change together, or neither does.
--   Never replaces anything but the corrupt bytes that were read.
--   Never falls behind the marker: the new value has every record that the bucket has. Consumers skip a corrupt profile but advance the
--   marker, so records up to the marker would otherwise be lost to this profile.
--   Idempotent: a repeated call finds other bytes, returns 1 and writes nothing.
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 1 end
local reached = {}
for i = 5, #ARGV, 2 do reached[ARGV[i]] = tonumber(ARGV[i + 1]) end
local marker = redis.call('HGETALL', KEYS[1])
for i = 1, #marker, 2 do
  if tonumber(marker[i]) and tonumber(marker[i + 1]) > (reached[marker[i]] or 0) then return 0 end
end
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[4])
return 1
