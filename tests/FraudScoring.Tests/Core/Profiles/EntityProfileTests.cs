using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class EntityProfileTests
{
    private static IEnumerable<EntityPlan> Plans => TestCatalogues.Served.Entities.Concat(TestCatalogues.Rich.Entities);

    private static readonly FeatureCatalogue Tiny = TestCatalogues.Create(
        """{"name": "card", "fields": ["card"], "recent": 3, "labels": 2}""",
        TestCatalogues.Card("deviation", "5m"), TestCatalogues.Card("min", "5m"), TestCatalogues.Card("max", "5m"),
        TestCatalogues.Card("count", "24h"), TestCatalogues.Card("fraud_count", "7d"));

    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Add_AnyOrderAndDuplicatesWhileRecent_GivesTheSameBytes(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var events = EventStreams.Draw(random, plan, random.Next(1, 4 * plan.RecentCapacity), random.Next(2, 8));
            var labels = EventStreams.Labels(random, plan.KeepsLabels ? random.Next(3 * plan.LabelCapacity) : 0);
            var expected = Bytes(Fill(new EntityProfile(plan), events, labels));
            random.Shuffle(events);
            random.Shuffle(labels);
            Assert.That(Bytes(Fill(new EntityProfile(plan), events, labels, random)), Is.EqualTo(expected), $"seed {seed}");
        }
    }

    [TestCaseSource(typeof(TestCatalogues), nameof(TestCatalogues.Entities))]
    public void Add_AnyEvents_KeepsTheNewestOneByOne(string entity)
    {
        var plan = TestCatalogues.PlanOf(entity);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(1000 + seed);
            var events = EventStreams.Draw(random, plan, random.Next(1, 3 * plan.RecentCapacity), random.Next(3, 8));
            var truth = new RawHistory(plan);
            random.Shuffle(events);
            Array.ForEach(events, e => truth.Add(e));
            var profile = Fill(new EntityProfile(plan), events, []);
            Assert.That(profile.Recent.ToArray().Select(e => (e.TimeMs, e.Id, e.Amount)),
                Is.EqualTo(truth.Recent().Select(e => (e.TimeMs, e.Id, e.Amount))), $"seed {seed}");
            Assert.That((profile.NewestMs, profile.FirstMs), Is.EqualTo((truth.NewestMs, events.Min(e => e.TimeMs))));
        }
    }

    [Test]
    public void ClearUntil_ATime_LeavesWhatALogWithoutTheEarlierPaymentsGives()
    {
        var plan = Tiny.Entities[0];
        ProfileEvent[] newer = [At(600, 6), At(700, 7)];
        ProfileLabel[] labels = [new(7, EventStreams.StartMs + 800, true), new(6, EventStreams.StartMs + 900, false)];
        var profile = Fill(new EntityProfile(plan), [At(100, 1), At(200, 2), .. newer, At(500, 5)],
            [new(1, EventStreams.StartMs + 750, true), .. labels]);
        (profile.Revision, _) = (9, profile.Applied.Advance(0, 3));
        profile.ClearUntil(EventStreams.StartMs + 500);
        Assert.That(Bytes(profile), Is.EqualTo(Bytes(Applied(Fill(new EntityProfile(plan), newer, labels)))));
        profile.ClearUntil(EventStreams.StartMs + 700);
        Assert.That(Bytes(profile), Is.EqualTo(Bytes(Applied(new EntityProfile(plan)))));

        // The records stay applied: none of them comes back when it is read again.
        static EntityProfile Applied(EntityProfile profile)
        {
            (profile.Revision, _) = (9, profile.Applied.Advance(0, 3));
            return profile;
        }
    }

    [Test]
    public void RemoveUntil_NothingIsThatOld_KeepsTheTiles()
    {
        var profile = Fill(new EntityProfile(Tiny.Entities[0]), [At(0, 1), At(1_000, 2), At(2_000, 3), At(61_000, 4), At(62_000, 5)], []);
        var before = Bytes(profile);
        Assert.That(profile.RemoveUntil(EventStreams.StartMs - 1), Is.False);
        Assert.That(Bytes(profile), Is.EqualTo(before));
        Assert.That(profile.RemoveUntil(EventStreams.StartMs), Is.True);
        Assert.That(profile.Recent.ToArray().Select(kept => kept.Id), Is.EqualTo(new ulong[] { 3, 4, 5 }));
        Assert.That(profile.Rings.Select(ring => ring.Tiles.Length), Is.All.Zero);
        Assert.That(profile.RemoveUntil(EventStreams.StartMs), Is.False, "once");
    }

    [Test]
    public void RemoveUntil_LabelsAndRequestsWithoutPayments_LeaveIfTheyAreThatOld()
    {
        var profile = new EntityProfile(TestCatalogues.Served.Entities[0]);
        profile.Labels.Add(new ProfileLabel(1, EventStreams.StartMs, true));
        foreach (var timeMs in new[] { 1, 2, 3 })
        {
            profile.Attempts.Add(EventStreams.StartMs + timeMs, (ulong)timeMs);
        }
        Assert.That(profile.RemoveUntil(EventStreams.StartMs - 1), Is.False);
        Assert.That((profile.Labels.Recent.Count, profile.Attempts.Length), Is.EqualTo((1, 3)));
        Assert.That(profile.RemoveUntil(EventStreams.StartMs + 2), Is.True);
        Assert.That((profile.Labels.Recent.Count, profile.Attempts.Length, profile.Attempts.IsKnown), Is.EqualTo((0, 1, true)));
        Assert.That(profile.RemoveUntil(EventStreams.StartMs + 3), Is.False, "a score request is not history");
        Assert.That(profile.Attempts.Length, Is.Zero);
    }

    [Test]
    public void Add_EventThatIsRecent_IsRefusedAndChangesNothing()
    {
        var profile = new EntityProfile(Tiny.Entities[0]);
        ProfileEvent[] events = [At(100, 1), At(100, 2), At(200, 3)];
        Fill(profile, events, []);
        var before = Bytes(profile);
        Assert.That(events.Select(e => profile.Add(e)), Is.All.False);
        Assert.That(Bytes(profile), Is.EqualTo(before));
    }

    [Test]
    public void Add_MoreThanCapacity_MovesTheOldestIntoTiles()
    {
        var profile = new EntityProfile(Tiny.Entities[0]);
        Fill(profile, [At(0, 1), At(1_000, 2), At(2_000, 3), At(61_000, 4), At(62_000, 5)], []);
        var ring = profile.Rings[0];
        Assert.That(profile.Recent.ToArray().Select(e => e.Amount), Is.EqualTo(new long[] { 3, 4, 5 }));
        Assert.That(ring.Tiles.ToArray().Select(t => (t.Count, t.Sum, t.Min, t.Max)), Is.EqualTo(new[] { (2L, 3L, 1L, 2L) }));
        Assert.That((ulong)ring[0].SumOfSquares, Is.EqualTo(5));
    }

    [Test]
    public void Add_LateEventOlderThanAllRecentOnes_GoesIntoItsTile()
    {
        var profile = new EntityProfile(Tiny.Entities[0]);
        Fill(profile, [At(180_000, 3), At(181_000, 4), At(182_000, 5), At(1_000, 7)], []);
        Assert.That(profile.Recent.ToArray().Select(e => e.Amount), Is.EqualTo(new long[] { 3, 4, 5 }));
        Assert.That(profile.Rings[0].Tiles.ToArray().Select(t => (t.Number - (EventStreams.StartMs / 60_000), t.Sum)),
            Is.EqualTo(new[] { (0L, 7L) }));
        Assert.That(profile.FirstMs, Is.EqualTo(EventStreams.StartMs + 1_000));
    }

    [Test]
    public void Add_EventBeyondTheRetention_LeavesOnlyTheTimeOfTheFirst()
    {
        const long day = MillisecondsPer.Day;
        var profile = new EntityProfile(Tiny.Entities[0]);
        Fill(profile, [At(0, 1), At(3 * day, 2)], []);
        Assert.That(profile.Recent.ToArray().Select(e => e.Amount), Is.EqualTo(new long[] { 2 }));
        Assert.That(profile.Rings.Sum(r => r.Count), Is.Zero);
        Assert.That(profile.FirstMs, Is.EqualTo(EventStreams.StartMs));
        profile.Add(At(day, 3));
        Assert.That(profile.RecentCount, Is.EqualTo(1), "a late event beyond the retention is not kept individually");
    }

    [Test]
    public void Clear_UsedProfile_IsLikeANewOne()
    {
        foreach (var plan in Plans)
        {
            var random = new Random(7);
            var events = EventStreams.Draw(random, plan, 200, 5);
            var used = Fill(new EntityProfile(plan), EventStreams.Draw(random, plan, 300), EventStreams.Labels(random, 50));
            used.Clear();
            Assert.That(Bytes(used), Is.EqualTo(Bytes(new EntityProfile(plan))));
            Assert.That(Bytes(Fill(used, events, [])), Is.EqualTo(Bytes(Fill(new EntityProfile(plan), events, []))), plan.Name);
        }
    }

    [Test]
    public void Labels_LaterLabelForTheSamePayment_Replaces()
    {
        var labels = new EntityProfile(Tiny.Entities[0]).Labels;
        Assert.That(labels.Add(new ProfileLabel(1, 1_000, true)), Is.True);
        Assert.That(labels.Add(new ProfileLabel(1, 2_000, false)), Is.True);
        Assert.That(labels.Add(new ProfileLabel(1, 2_000, false)), Is.False);
        Assert.That(labels.FraudCount(1_500, new LabelWindow(86_400_000, 0)), Is.EqualTo(1), "until the correction arrives");
        Assert.That((labels.FraudCount(3_000, new LabelWindow(86_400_000, 0)), labels.LastFraudMs(3_000)), Is.EqualTo((0.0, (long?)null)));
    }

    [Test]
    public void Labels_MoreThanCapacity_KeepTheFrauds()
    {
        const long day = MillisecondsPer.Day;
        var labels = new EntityProfile(Tiny.Entities[0]).Labels;
        for (var i = 0; i < 6; i++)
        {
            labels.Add(new ProfileLabel((ulong)i, EventStreams.StartMs + (i * day), i != 1));
        }
        var now = EventStreams.StartMs + (5 * day) + 1;
        Assert.That(labels.Recent, Has.Count.EqualTo(2));
        Assert.That(labels.EarlierFrauds.Select(l => l.Label.Id), Is.EqualTo(new ulong[] { 0, 2, 3 }));
        Assert.That(labels.Tiles, Is.Empty, "legitimate labels are not counted");
        Assert.That(labels.FraudCount(now, new LabelWindow(7 * day, 0)), Is.EqualTo(5).Within(1e-9));
        Assert.That(labels.FraudCount(now, new LabelWindow(day, 0)), Is.EqualTo(1).Within(1e-9));
    }

    private static ProfileEvent At(long ms, long amount) => new()
    {
        TimeMs = EventStreams.StartMs + ms, Id = (ulong)amount, Amount = amount, LatitudeE4 = ProfileEvent.NoLocation,
    };

    /// <summary>
    /// Adds events and labels in order of arrival. With <paramref name="again"/>, it also repeats some that are still recent.
    /// </summary>
    internal static EntityProfile Fill(EntityProfile profile, ProfileEvent[] events, ProfileLabel[] labels, Random? again = null)
    {
        foreach (var added in events)
        {
            profile.Add(added);
            if (again?.Next(3) == 0 && profile.RecentCount > 0)
            {
                Assert.That(profile.Add(profile.Recent[again.Next(profile.RecentCount)]), Is.False);
            }
        }
        foreach (var label in labels)
        {
            profile.Labels.Add(label);
            if (again?.Next(3) == 0 && profile.Labels.Recent.Count > 0)
            {
                Assert.That(profile.Labels.Add(profile.Labels.Recent[again.Next(profile.Labels.Recent.Count)].Label), Is.False);
            }
        }
        return profile;
    }

    internal static byte[] Bytes(EntityProfile profile) => ProfileCodec.Write(profile, new ProfileWriter()).ToArray();
}
