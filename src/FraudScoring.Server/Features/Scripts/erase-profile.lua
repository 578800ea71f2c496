-- Replaces an entity's profile by one without the erased history, and deletes the entity's score requests.
--
-- KEYS    The profile, its score requests, the version of its bucket.
-- ARGV    The revision that was read (the value's first eight bytes), the new profile, the bucket's new version.
-- Result  1: erased. 0: the profile has changed since it was read, and nothing was erased.
--
-- Guarantees
--   Atomic: profile, score requests and version change together, or none of them does.
--   No lost update: a record applied since the profile was read is never overwritten; the caller reads and tries again.
--   Keeps the time to live, so the new profile expires when the full one would have.
--   Idempotent: a repeated call finds another revision, returns 0 and writes nothing.
if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[3], ARGV[3])
return 1
