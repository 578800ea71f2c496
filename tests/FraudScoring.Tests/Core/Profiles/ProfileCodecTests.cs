using System.Buffers.Binary;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

[Parallelizable]
public sealed class ProfileCodecTests
{
    private static IEnumerable<EntityPlan> Plans => TestCatalogues.Served.Entities.Concat(TestCatalogues.Rich.Entities);

    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Read_WhatWasWritten_GivesTheSameProfile(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        var read = new EntityProfile(plan);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var written = Draw(random, plan);
            var bytes = EntityProfileTests.Bytes(written);
            Assert.That(ProfileCodec.Read(bytes, read), Is.EqualTo(ProfileFault.None));
            Assert.That(EntityProfileTests.Bytes(read), Is.EqualTo(bytes), $"seed {seed}");
            AssertSame(read, written);
            // A profile that was read behaves like the one that was written.
            foreach (var later in EventStreams.Draw(random, plan, 10))
            {
                Assert.That(read.Add(later), Is.EqualTo(written.Add(later)));
            }
            Assert.That(EntityProfileTests.Bytes(read), Is.EqualTo(EntityProfileTests.Bytes(written)), $"seed {seed}, continued");
        }
    }

    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Read_AnyBitFlipped_IsCorrupt(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        var profile = new EntityProfile(plan);
        foreach (var seed in new[] { 1, 2, 3 })
        {
            var bytes = EntityProfileTests.Bytes(Draw(new Random(seed), plan, 40));
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                AssertCorrupt(bytes, profile);
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
            }
            Assert.That(ProfileCodec.Read(bytes, profile), Is.EqualTo(ProfileFault.None));
        }
    }

    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Read_CutOffOrGrown_IsCorrupt(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        var profile = new EntityProfile(plan);
        var bytes = EntityProfileTests.Bytes(Draw(new Random(4), plan));
        for (var length = 0; length < bytes.Length; length++)
        {
            AssertCorrupt(bytes[..length], profile);
            AssertCorrupt(Seal(bytes[..length]), profile);
        }
        AssertCorrupt([.. bytes, 0], profile);
        AssertCorrupt(Seal([.. bytes, 0]), profile);
    }

    /// <summary>The checksum is valid, so only the reader itself can reject nonsense.</summary>
    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Read_NonsenseUnderARightChecksum_GivesNothingOrAProfileWithinItsBounds(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        var profile = new EntityProfile(plan);
        var taken = 0;
        for (var seed = 0; seed < 4_000; seed++)
        {
            var random = new Random(seed);
            var bytes = seed % 4 == 0 ? Noise(random) : Mutate(random, EntityProfileTests.Bytes(Draw(random, plan, 30)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var fault = ProfileCodec.Read(Seal(bytes), profile);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4_000_000), $"seed {seed}");
            if (fault == ProfileFault.None)
            {
                taken++;
                AssertWithinBounds(profile);
                EntityProfileTests.Bytes(profile);
                _ = plan.Windows.Select(w => WindowStatistics.Compute(profile, w, EventStreams.StartMs).Count).Sum();
            }
            else
            {
                Assert.That(EntityProfileTests.Bytes(profile), Is.EqualTo(EntityProfileTests.Bytes(new EntityProfile(plan))), "left clear");
            }
        }
        Assert.That(taken, Is.LessThan(3_900));
    }

    [Test]
    public void Read_NewerVersion_IsLeftAlone()
    {
        var plan = Plans.First();
        var bytes = EntityProfileTests.Bytes(Draw(new Random(5), plan));
        bytes[8] = ProfileCodec.Version + 1;
        Assert.That(ProfileCodec.Read(Seal(bytes), new EntityProfile(plan)), Is.EqualTo(ProfileFault.NewerVersion));
        bytes[8] = 0;
        Assert.That(ProfileCodec.Read(Seal(bytes), new EntityProfile(plan)), Is.EqualTo(ProfileFault.Corrupt));
    }

    [Test]
    public void Write_Always_BeginsWithTheRevision()
    {
        var profile = new EntityProfile(Plans.First()) { Revision = 0x0102030405060708 };
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(EntityProfileTests.Bytes(profile)), Is.EqualTo(0x0102030405060708UL));
    }

    /// <summary>Profiles are stored. These bytes must stay readable and change only together with the version.</summary>
    [Test]
    public void Write_KnownProfile_GivesTheFrozenBytes()
    {
        var plan = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"], "recent": 2, "labels": 1}""",
            TestCatalogues.Card("distinct", "1h", "merchant"), TestCatalogues.Card("speed"), TestCatalogues.Card("fraud_count", "7d"))
                .Entities[0];
        var profile = new EntityProfile(plan) { Revision = 3 };
        profile.Applied.Advance(AppliedOffsets.SourceOf(0, 5), 1_000);
        for (var i = 0; i < 4; i++)
        {
            profile.Add(ProfileEvent.Create(plan, TestPayments.Full($"t{i}", EventStreams.StartMs + (i * 61_000), 100 * i), 100 * i));
            profile.Labels.Add(new ProfileLabel((ulong)i, EventStreams.StartMs + (i * 86_400_000L), true));
        }
        profile.Labels.Add(new ProfileLabel(1, EventStreams.StartMs + (2 * 86_400_000L), false));
        profile.Labels.Add(new ProfileLabel(3, EventStreams.StartMs + (4 * 86_400_000L), true));
        var hex = Convert.ToHexStringLower(EntityProfileTests.Bytes(profile));
        Assert.That(hex, Is.EqualTo(
            "030000000000000003b0cbebedee66b0ab16010ae80702003165a2da15ad02c1004105aba18e40c4ae1091b907e59c15fcfcc90102030905530905"
            + "530186a5a9cb14030000000004fddab20100000000008a80979305010000000080b899298280979305020000000082809793050300000000003934"
            + "3cd6"), hex);
    }

    /// <summary>No release has written these formats.</summary>
    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Read_VersionBeforeTheFirstRelease_IsCorrupt(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        var profile = new EntityProfile(plan);
        var bytes = EntityProfileTests.Bytes(Draw(new Random(6), plan));
        for (byte version = 0; version < ProfileCodec.Version; version++)
        {
            bytes[8] = version;
            AssertCorrupt(Seal(bytes), profile);
        }
    }

    private static EntityProfile Draw(Random random, EntityPlan plan, int most = 300)
    {
        var profile = EntityProfileTests.Fill(
            new EntityProfile(plan),
            EventStreams.WithUnknownAmounts(random, EventStreams.Draw(random, plan, random.Next(most), random.Next(3, 8))),
                plan.KeepsLabels ? EventStreams.Relabelled(random, random.Next(random.Next(10) == 0 ? 900 : 60), 30) : []);
        profile.Revision = (ulong)random.NextInt64();
        for (var source = random.Next(5); source > 0; source--)
        {
            profile.Applied.Advance(random.Next(64), random.NextInt64());
        }
        return profile;
    }

    private static void AssertSame(EntityProfile read, EntityProfile written)
    {
        Assert.That((read.Revision, read.NewestMs, read.FirstMs), Is.EqualTo((written.Revision, written.NewestMs, written.FirstMs)));
        Assert.That(read.Recent.ToArray().Select(Describe), Is.EqualTo(written.Recent.ToArray().Select(Describe)));
        Assert.That(read.Rings.SelectMany(r => r.Tiles.ToArray()), Is.EqualTo(written.Rings.SelectMany(r => r.Tiles.ToArray())));
        Assert.That(read.Labels.Recent, Is.EqualTo(written.Labels.Recent));
        Assert.That(read.Labels.EarlierFrauds, Is.EqualTo(written.Labels.EarlierFrauds));
        Assert.That(read.Labels.Tiles, Is.EqualTo(written.Labels.Tiles));
        Assert.That(read.Applied.Items.ToArray(), Is.EqualTo(written.Applied.Items.ToArray()));
    }

    private static string Describe(ProfileEvent e) =>
        $"{e.TimeMs} {e.Id} {e.Amount} {e.LatitudeE4} {e.LongitudeE4} {string.Join(',', ((ReadOnlySpan<uint>)e.Dimensions).ToArray())}";

    private static void AssertCorrupt(byte[] bytes, EntityProfile profile)
    {
        var fault = ProfileCodec.Read(bytes, profile);
        if (fault != ProfileFault.Corrupt || profile.RecentCount != 0 || profile.NewestMs != long.MinValue)
        {
            Assert.Fail($"{bytes.Length} bytes returned {fault} and {profile.RecentCount} events");
        }
    }

    private static void AssertWithinBounds(EntityProfile profile)
    {
        Assert.That(profile.RecentCount, Is.AtMost(profile.Plan.RecentCapacity));
        for (var l = 0; l < profile.Rings.Length; l++)
        {
            Assert.That(profile.Rings[l].Count, Is.AtMost(profile.Plan.Levels[l].Count));
            Assert.That(profile.Rings[l].Tiles.ToArray().Select(t => t.Number), Is.Ordered.And.Unique);
        }
        Assert.That(profile.Labels.Recent, Has.Count.AtMost(profile.Plan.LabelCapacity));
        Assert.That(profile.Labels.EarlierFrauds, Has.Count.AtMost(EntityPlan.FraudCapacity));
        Assert.That(profile.Labels.Tiles, Has.Count.AtMost(profile.Plan.LabelLevel.Count));
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[13 + random.Next(3_000)];
        random.NextBytes(bytes);
        bytes[8] = ProfileCodec.Version;
        return bytes;
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            bytes[random.Next(9, bytes.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
        }
        return bytes;
    }

    /// <summary>Replaces the last four bytes with the correct checksum: CRC-32C, computed bit by bit.</summary>
    private static byte[] Seal(byte[] bytes)
    {
        if (bytes.Length < 4)
        {
            return bytes;
        }
        var crc = uint.MaxValue;
        foreach (var b in bytes.AsSpan(..^4))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(^4..), ~crc);
        return bytes;
    }
}
