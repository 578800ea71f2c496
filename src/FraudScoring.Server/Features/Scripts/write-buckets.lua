-- Writes a group of buckets, each atomically: all its changed profiles, its version and its marker.
--
-- KEYS    For each bucket: its marker, its version, its profiles.
-- ARGV    The version to write; the number of partitions; the number of times to live; the fingerprint of the secret that the keys are
--         hashed with; the partitions' fields in the marker; their next offsets; the times to live in milliseconds. Then for each bucket:
--           the number of its profiles;
--           the version that was read ('' for none);
--           the profiles' expected revisions, eight bytes each: a value's first eight, or zeros for none;
--           a byte per profile: the index of its time to live, plus 128 if it keeps the remaining one;
--           '1' if nothing at all may have changed in the bucket, else '0';
--           by partition the least offset that the marker must have;
--           the profiles' new values.
-- Result  For each bucket: 0 written; 1 changed (another instance wrote a profile); -1 lost (the marker is behind);
--         -2 other secret (the bucket was written with another secret).
--
-- Guarantees
--   Atomic per bucket: a bucket is written completely or not at all. One bucket's answer says nothing about another's.
--   One secret: nothing is written to a bucket whose keys are hashed with another secret. The first write decides which one it is.
--   Safe after a loss: nothing is written to a bucket whose marker is behind what the caller knows it was.
--   No lost update: a profile is written only over the revision that was read.
--   Idempotent: a repeated call returns 1 for a bucket with profiles (their revisions have changed) and writes nothing; the caller then
--   reads again, and finds the records applied. A bucket without profiles is written again with the same result. A marker never moves back.
--
-- The bucket's version is compared first: if it is unchanged, so are all profiles, and their values need not be read. The revisions are
-- compared only when it has changed, or when the bucket had none.
-- Small values are packed together, because each argument of a script costs Redis about a microsecond. Lua's unpack is limited to some
-- thousand values, hence the slices of 1000.
local version, sources, lives, secret = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local fields, none, answers, set = {}, string.rep('\0', 8), {}, redis.call
for i = 1, sources do fields[i] = ARGV[4 + i] end
fields[sources + 1] = 'secret'
local key, arg = 1, 4 + 2 * sources + lives
while key < #KEYS do
  local count, seen, revisions, life, strict = tonumber(ARGV[arg + 1]), ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5] == '1'
  local advance, answer = {}, 0
  arg = arg + 5
  local reached = redis.call('HMGET', KEYS[key], unpack(fields))
  for i = 1, sources do
    local at, next = tonumber(reached[i] or '0'), ARGV[4 + sources + i]
    if at < tonumber(ARGV[arg + i]) then answer = -1 end
    if at < tonumber(next) then
      advance[#advance + 1] = fields[i]
      advance[#advance + 1] = next
    end
  end
  local kept = reached[sources + 1]
  if kept and kept ~= secret then answer = -2 end
  if not kept then
    advance[#advance + 1] = 'secret'
    advance[#advance + 1] = secret
  end
  arg = arg + sources
  local same = answer == 0 and (count > 0 or strict) and (redis.call('GET', KEYS[key + 1]) or '') == seen
  if answer == 0 and strict and not same then answer = 1 end
  if answer == 0 and count > 0 and (not same or seen == '') then
    for from = 1, count, 1000 do
      local to = math.min(from + 999, count)
      local stored = redis.call('MGET', unpack(KEYS, key + 1 + from, key + 1 + to))
      for k = from, to do
        if string.sub(stored[k - from + 1] or none, 1, 8) ~= string.sub(revisions, 8 * k - 7, 8 * k) then answer = 1 end
      end
    end
  end
  if answer == 0 then
    for k = 1, count do
      local which, kept = string.byte(life, k), false
      if which >= 128 then kept, which = set('SET', KEYS[key + 1 + k], ARGV[arg + k], 'XX', 'KEEPTTL'), which - 128 end
      if not kept then set('SET', KEYS[key + 1 + k], ARGV[arg + k], 'PX', ARGV[5 + 2 * sources + which]) end
    end
    if count > 0 then redis.call('SET', KEYS[key + 1], version) end
    if #advance > 0 then redis.call('HSET', KEYS[key], unpack(advance)) end
  end
  answers[#answers + 1] = answer
  key, arg = key + 2 + count, arg + count
end
return answers
