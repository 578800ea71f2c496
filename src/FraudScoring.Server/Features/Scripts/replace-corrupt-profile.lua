-- Puts a profile that was built anew from the log in the place of a corrupt one.
--
-- KEYS    The bucket's marker, the bucket's version, the profile.
-- ARGV    The bytes that are corrupt, the new value, its time to live in milliseconds, the bucket's new version; then pairs of a partition's
--         field in the marker and the offset before which the new value has all of the partition's records.
-- Result  1 the new value is stored, or is no longer needed; 0 the bucket holds records that the new value lacks.
--
-- Guarantees
--   Atomic: the profile and the version change together, or neither does.
--   Never replaces anything but the corrupt bytes that were read.
--   Never goes behind the marker: the new value has every record that the bucket has.
--   Idempotent: repeated after it was done, it finds other bytes, answers 1 and writes nothing.
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 1 end
local reached = {}
for i = 5, #ARGV, 2 do reached[ARGV[i]] = tonumber(ARGV[i + 1]) end
local marker = redis.call('HGETALL', KEYS[1])
for i = 1, #marker, 2 do
  if tonumber(marker[i + 1]) > (reached[marker[i]] or 0) then return 0 end
end
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[4])
return 1
