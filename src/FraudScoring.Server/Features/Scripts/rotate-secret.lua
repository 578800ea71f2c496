-- Hands a bucket over to another secret of the keyed hashes.
--
-- KEYS    The bucket's marker.
-- ARGV    The fingerprint of the previous secret, that of the current one; the time in milliseconds, and that until which the bucket may
--         have got its previous secret; then pairs of a partition's field and its next offset.
-- Result  1: handed over. 0: the bucket does not have the previous secret. -1: it had the current secret before. -2: it got its previous
--         secret too recently. Only 1 writes anything.
--
-- Guarantees
--   Atomic: fingerprint and offsets change together. From then on no instance with only the previous secret can write the bucket.
--   Loses no record: the offsets are the least of all buckets, since an entity has another bucket under another secret. Profiles skip the
--   records that they already have.
--   Never goes back: profiles that were left under a former secret would hide those that have been written since.
--   Never skips a secret: profiles that have not moved from the secret before the previous one would not be found any more.
--   Idempotent: a repeated call finds the current secret, returns 0 and writes nothing.
if redis.call('HGET', KEYS[1], 'secret') ~= ARGV[1] then return 0 end
local former = redis.call('HGET', KEYS[1], 'former_secrets') or ''
if string.find(former, ARGV[2], 1, true) then return -1 end
if tonumber(redis.call('HGET', KEYS[1], 'rotated_ms') or '0') > tonumber(ARGV[4]) then return -2 end
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'secret', ARGV[2], 'former_secrets', former .. ARGV[1] .. ' ', 'rotated_ms', ARGV[3])
return 1
