using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class AttemptHistoryTests
{
    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Create(
        """{"name": "card", "fields": ["card"], "attempts": 4}""",
        TestCatalogues.Card("attempts", "1m"), TestCatalogues.Card("attempts", "24h"));

    [Test]
    public void Count_AnyOrderAndRepeats_AgreesWithAllRequests()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var capacity = random.Next(1, 20);
            var requests = Enumerable.Range(0, random.Next(40)).Select(i => (Time: random.NextInt64(100_000), Id: (ulong)i)).ToArray();
            var kept = requests.OrderByDescending(r => r.Time).ThenByDescending(r => r.Id).Take(capacity).ToArray();
            (long Time, ulong Id)[] sent = [.. requests, .. requests.Where(_ => random.Next(3) == 0)];
            random.Shuffle(sent);
            var (added, read) = (new AttemptHistory(capacity), new AttemptHistory(capacity));
            Array.ForEach(sent, r => added.Add(r.Time, r.Id));
            Assert.That(read.Read(Bytes(sent)), Is.True);
            for (var i = 0; i < 10; i++)
            {
                long now = random.NextInt64(110_000), window = random.NextInt64(1, 60_000);
                var expected = kept.Count(r => r.Time > now - window && r.Time <= now);
                Assert.That((added.Count(now, window), read.Count(now, window)), Is.EqualTo((expected, expected)), $"seed {seed}");
            }
        }
    }

    /// <summary>A payment that is scored late, or a caller whose clock is ahead: newer requests must not push this one out.</summary>
    [Test]
    public void Read_UntilARequest_CountsIt_HoweverManyAreNewer()
    {
        var history = new AttemptHistory(4);
        (long Time, ulong Id)[] log = [(1_000, 1), .. Enumerable.Range(0, 10).Select(i => (100_000L + i, 10UL + (ulong)i)), (2_000, 2)];
        Assert.That(history.Read(Bytes(log), untilMs: 2_000), Is.True);
        Assert.That((history.Count(2_000, 60_000), history.Length), Is.EqualTo((2, 2)));
    }

    [Test]
    public void Read_CompactedLog_WithAnyLaterRequests_GivesTheSame()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var capacity = random.Next(1, 20);
            (long Time, ulong Id)[] log = [.. Enumerable.Range(0, 60).Select(_ => (random.NextInt64(100_000), (ulong)random.Next(40)))];
            var at = random.Next(60);
            var (whole, compacted) = (new AttemptHistory(capacity), new AttemptHistory(capacity));
            whole.Read(Bytes(log));
            var kept = compacted.Compact(Bytes(log[..at]));
            Assert.That(kept, Has.Length.LessThanOrEqualTo(capacity * AttemptHistory.EntryLength));
            compacted.Read([.. kept, .. Bytes(log[at..])]);
            for (var i = 0; i < 10; i++)
            {
                long now = random.NextInt64(110_000), window = random.NextInt64(1, 60_000);
                Assert.That(compacted.Count(now, window), Is.EqualTo(whole.Count(now, window)), $"seed {seed}");
            }
        }
    }

    [Test]
    public void Compact_LongLog_KeepsTheNewestOncePerTransaction_InTheOrderOfArrival()
    {
        var compacted = new AttemptHistory(3).Compact(Bytes((9, 1), (5, 2), (7, 3), (9, 1), (8, 3), (6, 4), (1, 5)));
        Assert.That(compacted, Is.EqualTo(Bytes((9, 1), (8, 3), (6, 4))));
        byte[] damaged = [1, 2, 3, .. Bytes((5, 7))];
        Assert.That(new AttemptHistory(3).Compact(damaged), Is.EqualTo(Bytes((5, 7))));
    }

    [Test]
    public void Until_ARequest_EndsWithItsLastEntry()
    {
        var log = Bytes((5, 1), (6, 2), (5, 1), (7, 3));
        Assert.That(AttemptHistory.Until(log, 5, 1).ToArray(), Is.EqualTo(Bytes((5, 1), (6, 2), (5, 1))));
        Assert.That(AttemptHistory.Until(log, 5, 2).ToArray(), Is.Empty);
        Assert.That(AttemptHistory.Until([], 5, 1).ToArray(), Is.Empty);
    }

    [TestCase(32, 64, false)]
    [TestCase(32, 65, true)]
    [TestCase(4, 36, false)]
    [TestCase(4, 37, true)]
    [TestCase(100, 200, false)]
    [TestCase(100, 201, true)]
    public void IsCompactionDue_LogOfSoManyEntries(int capacity, int entries, bool expected)
    {
        var log = new byte[entries * AttemptHistory.EntryLength];
        Assert.That(new AttemptHistory(capacity).IsCompactionDue(log), Is.EqualTo(expected));
        Assert.That(new AttemptHistory(capacity).IsCompactionDue(log.AsSpan(1)), Is.True, "damaged");
    }

    [Test]
    public void Fill_RequestsNotKnown_IsMissing()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        Assert.That(Fill(profile, 1_000), Is.EqualTo(new[] { float.NaN, float.NaN }));
        Assert.That(profile.Attempts.Read([]), Is.True);
        Assert.That(Fill(profile, 1_000), Is.EqualTo(new[] { 0f, 0f }));
    }

    [Test]
    public void Fill_OwnRequestAndOthers_CountsThoseUpToNow()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        profile.Attempts.Add(100_000, 1);
        profile.Attempts.Add(40_001, 2);
        profile.Attempts.Add(40_000, 3);
        profile.Attempts.Add(100_001, 4);
        Assert.That(Fill(profile, 100_000), Is.EqualTo(new[] { 2f, 3f }));
        profile.Clear();
        Assert.That((profile.Attempts.IsKnown, profile.Attempts.Length), Is.EqualTo((false, 0)));
    }

    [Test]
    public void Read_StoredProfile_ForgetsTheRequests()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        var before = EntityProfileTests.Bytes(profile);
        profile.Attempts.Add(1, 1);
        Assert.That(EntityProfileTests.Bytes(profile), Is.EqualTo(before), "requests are not part of the stored profile");
        Assert.That(ProfileCodec.Read(before, profile), Is.EqualTo(ProfileFault.None));
        Assert.That(profile.Attempts.IsKnown, Is.False);
    }

    [Test]
    public void Read_NoWholeNumberOfEntries_IsRefused()
    {
        var history = new AttemptHistory(3);
        Assert.That(history.Read(Bytes((5, 7)).AsSpan(..12)), Is.False);
        Assert.That(history.IsKnown, Is.False);
    }

    [Test]
    public void WriteEntry_KnownRequest_GivesTheFrozenBytes() =>
        Assert.That(Convert.ToHexStringLower(Bytes((0x0102030405060708, 0xA1A2A3A4A5))), Is.EqualTo("0807060504030201a5a4a3a2a1"));

    private static byte[] Bytes(params (long Time, ulong Id)[] requests)
    {
        var bytes = new byte[requests.Length * AttemptHistory.EntryLength];
        for (var i = 0; i < requests.Length; i++)
        {
            AttemptHistory.WriteEntry(bytes.AsSpan(i * AttemptHistory.EntryLength), requests[i].Time, requests[i].Id);
        }
        return bytes;
    }

    private static float[] Fill(EntityProfile profile, long now)
    {
        var row = new float[2];
        FeatureBuilder.Fill(Catalogue, TestPayments.Create("now", now), 1, [profile], row);
        return row;
    }
}
