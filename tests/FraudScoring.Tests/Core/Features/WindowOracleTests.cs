using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>Readings of profiles compared with readings of all events: exact where required, otherwise within the cut tile.</summary>
[Parallelizable]
public sealed class WindowOracleTests
{
    private static readonly string[] Windows = ["1m", "5m", "1h", "2h", "24h", "49h", "7d", "30d"];

    private static EntityPlan Plan(int recent) => TestCatalogues.Create(
        $$"""{"name": "card", "fields": ["card"], "recent": {{recent}}, "labels": 4}""",
        [.. Windows.SelectMany(w => new[] { TestCatalogues.Card("distinct", w, "merchant"), TestCatalogues.Card("deviation", w),
            TestCatalogues.Card("min", w), TestCatalogues.Card("max", w) }), TestCatalogues.Card("count_same", "7d", "device"),
            TestCatalogues.Card("speed")]).Entities[0];

    [TestCase(256, 1)]
    [TestCase(24, 2)]
    [TestCase(8, 3)]
    [TestCase(1, 4)]
    public void Of_AnyEventsInAnyOrder_AgreesWithAllEventsEver(int recent, int seed)
    {
        var plan = Plan(recent);
        var exact = 0;
        for (var round = 0; round < 80; round++)
        {
            var random = new Random((seed * 1000) + round);
            var (profile, truth) = Draw(random, plan, random.Next(1, 200));
            foreach (var now in Nows(random, truth))
            {
                exact += plan.Windows.Count(window => AssertAgrees(profile, truth, window, now));
            }
        }
        Assert.That(exact, Is.GreaterThan(1000), "windows that must be exact");
    }

    [Test]
    public void Readings_AnyEvents_AgreeWithAllEventsEver()
    {
        var plan = Plan(256);
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var (profile, truth) = Draw(random, plan, random.Next(1, 200));
            foreach (var now in Nows(random, truth))
            {
                AssertReadings(profile, truth, now, random);
            }
        }
    }

    [Test]
    public void Of_RecentEventsReachBehindTheWindow_TilesDoNotCount()
    {
        var plan = Plan(2);
        var profile = new EntityProfile(plan);
        foreach (var ms in new long[] { 1_000, 2_000, 40_000 })
        {
            profile.Add(new ProfileEvent
            {
                TimeMs = EventStreams.StartMs + ms, Id = (ulong)ms, Amount = ms,
                LatitudeE4 = ProfileEvent.NoLocation,
            });
        }
        // The first event is in the tile cut by the start of the window, but older than the second, which is outside the window.
        var statistics = WindowStatistics.Compute(profile, plan.Windows[0], EventStreams.StartMs + 65_000);
        Assert.That((statistics.Count, statistics.Sum, statistics.Min), Is.EqualTo((1.0, 40_000.0, 40_000.0)));
    }

    /// <summary>An hour's tile with 40 cards and one of today. The start of the window cuts the first.</summary>
    [TestCase(0.9, 41)]
    [TestCase(0.55, 41)]
    [TestCase(0.45, 1)]
    [TestCase(0.1, 1)]
    public void Distinct_WindowCutsATile_CountsItWhenHalfOfItLiesInside(double share, int expected)
    {
        const long hour = MillisecondsPer.Hour;
        var plan = Plan(1);
        var profile = new EntityProfile(plan);
        var start = EventStreams.StartMs;
        for (var i = 1; i <= 41; i++)
        {
            var time = i == 41 ? start + (20 * hour) : start + (i * 1_000);
            var added = new ProfileEvent { TimeMs = time, Id = (ulong)i, Amount = 1, LatitudeE4 = ProfileEvent.NoLocation };
            added.Dimensions[0] = (uint)(i * 7_919);
            profile.Add(added);
        }
        var now = start + (24 * hour) + (long)((1 - share) * hour);
        var window = plan.Windows.Single(w => w.LengthMs == 24 * hour);
        Assert.That(ProfileReadings.Distinct(profile, window, 0, now), Is.EqualTo(expected).Within(0.4 * (expected - 1)));
    }

    /// <summary>
    /// Ten payments on the first of 31 days. The window starts at 18:00 of that day, so a quarter of the day lies inside.
    /// </summary>
    [Test]
    public void Of_WindowCutsATile_CountsItsShare()
    {
        const long hour = MillisecondsPer.Hour;
        var plan = Plan(1);
        var profile = new EntityProfile(plan);
        for (var i = 1; i <= 10; i++)
        {
            profile.Add(new ProfileEvent
            {
                TimeMs = EventStreams.StartMs + (i * 1_000), Id = (ulong)i, Amount = 400,
                LatitudeE4 = ProfileEvent.NoLocation,
            });
        }
        var newest = EventStreams.StartMs + (((30 * 24) + 18) * hour);
        profile.Add(new ProfileEvent { TimeMs = newest - 1, Id = 11, Amount = 7, LatitudeE4 = ProfileEvent.NoLocation });
        var statistics = WindowStatistics.Compute(profile, plan.Windows[^1], newest);
        Assert.That((statistics.Count, statistics.Sum, statistics.Max), Is.EqualTo((3.5, 1_007.0, 7.0)));
    }

    /// <summary>
    /// Eight payments on the first of January, all in the day's tile, and one much later. The window's ends are hours of that day, and the
    /// expected count is the share of the day between them.
    /// </summary>
    [TestCase("12h", 18, 8 * 0.5)]
    [TestCase("12h", 12, 8 * 0.5)]
    [TestCase("12h", 6, 8 * 0.25)]
    [TestCase("7d", 6, 8 * 0.25)]
    [TestCase("7d", 24, 8)]
    [TestCase("12h", 30, 8 * 0.25)]
    [TestCase("12h", 37, 0)]
    public void Fill_DelayedWindowCutsATile_CountsTheShareBetweenItsEnds(string window, int endHour, double expected)
    {
        var catalogue = TestCatalogues.Create("""{"name": "card", "fields": ["card"], "recent": 1}""",
            [.. new[] { "count", "sum", "median", "decayed_sum" }.Select(aggregate => $$"""
                {"name": "{{aggregate}}", "text": "t", "entity": "card", "aggregate": "{{aggregate}}", "window": "{{window}}",
                 "delay": "20d" {{(aggregate == "decayed_sum" ? ", \"half_life\": \"20d\"" : "")}}}
                """)]);
        var profile = new EntityProfile(catalogue.Entities[0]);
        var now = EventStreams.StartMs + (((20 * 24) + endHour) * 3_600_000L);
        for (var i = 1; i <= 9; i++)
        {
            profile.Add(new ProfileEvent
            {
                TimeMs = i == 9 ? now - 1 : EventStreams.StartMs + (i * 1_000), Id = (ulong)i, Amount = 2_000,
                LatitudeE4 = ProfileEvent.NoLocation,
            });
        }
        var row = new float[4];
        FeatureBuilder.Fill(catalogue, TestPayments.Create("now", now), 1, [profile], row);
        Assert.That((row[0], row[1]), Is.EqualTo(((float)expected, (float)(expected * 20))));
        Assert.That(row[2], expected > 0 ? Is.EqualTo(20).Within(20 / 32.0) : Is.NaN);
        // The tile's middle is noon: its age is the delay plus the time between noon and the window's end.
        Assert.That(row[3], Is.EqualTo(expected * 20 * Math.Pow(2, -(20 + ((endHour - 12) / 24.0)) / 20)).Within(1e-4).Percent);
    }

    [Test]
    public void Deviation_AmountsAtTheLimitManyTimes_IsRight()
    {
        var plan = Plan(1);
        var profile = new EntityProfile(plan);
        var now = EventStreams.StartMs + (86_400_000L * 3);
        for (var i = 0; i < 40_000; i++)
        {
            profile.Add(new ProfileEvent
            {
                TimeMs = EventStreams.StartMs + i, Id = (ulong)i,
                Amount = i % 2 == 0 ? DecimalAmount.MaxMinor : 0,
            });
        }
        Assert.That(WindowStatistics.Compute(profile, plan.Windows[^1], now).Deviation, Is.EqualTo(5e11).Within(1e-9).Percent);
    }

    private static (EntityProfile Profile, RawHistory Truth) Draw(Random random, EntityPlan plan, int count)
    {
        var events = EventStreams.Draw(random, plan, count, random.Next(3, 8));
        if (random.Next(2) == 0)
        {
            random.Shuffle(events);
        }
        var (profile, truth) = (new EntityProfile(plan), new RawHistory(plan));
        foreach (var drawn in events)
        {
            profile.Add(drawn);
            truth.Add(drawn);
        }
        return (profile, truth);
    }

    /// <summary>
    /// Ends of windows: on an event, just after it, a window's length after one, and any time until long after all of them.
    /// </summary>
    private static IEnumerable<long> Nows(Random random, RawHistory truth)
    {
        var newest = truth.NewestMs;
        yield return newest;
        yield return newest + 1;
        yield return newest + random.NextInt64(60_000);
        yield return newest + random.NextInt64(40L * 86_400_000);
        foreach (var length in new long[] { 60_000, 3_600_000, 86_400_000 })
        {
            yield return truth.Events[random.Next(truth.Events.Count)].TimeMs + length;
        }
        yield return truth.Events[random.Next(truth.Events.Count)].TimeMs + random.Next(2);
    }

    /// <returns>True if the window must be exact.</returns>
    internal static bool AssertAgrees(EntityProfile profile, RawHistory truth, EventWindow window, long now)
    {
        var since = now - window.LengthMs;
        var inside = truth.Inside(since, now);
        var doubtful = truth.Uncertain(window, now);
        var statistics = WindowStatistics.Compute(profile, window, now);
        var (count, sum) = (inside.Length, inside.Sum(e => (double)e.Amount));
        if (doubtful.Length > 0)
        {
            Assert.That(statistics.Count, Is.EqualTo(count).Within(doubtful.Length + 1e-9));
            Assert.That(statistics.Sum, Is.EqualTo(sum).Within(doubtful.Sum(e => (double)e.Amount) + 1e-6 + (1e-12 * sum)));
            AssertExtremes(statistics, inside, doubtful);
            return false;
        }
        var mean = sum / count;
        Assert.That(statistics.Count, Is.EqualTo(count));
        AssertClose(statistics.Sum, sum);
        AssertClose(statistics.Mean, count == 0 ? double.NaN : mean);
        AssertClose(statistics.Min, count == 0 ? double.NaN : inside.Min(e => e.Amount));
        AssertClose(statistics.Max, count == 0 ? double.NaN : inside.Max(e => e.Amount));
        AssertClose(statistics.Deviation, count == 0 ? double.NaN
            : Math.Sqrt(inside.Sum(e => (e.Amount - mean) * (e.Amount - mean)) / count), 1e-9 * Math.Max(1, mean));
        return true;
    }

    private static void AssertExtremes(in WindowStatistics statistics, ProfileEvent[] inside, ProfileEvent[] doubtful)
    {
        var ids = doubtful.Select(e => e.Id).ToHashSet();
        var sure = inside.Where(e => !ids.Contains(e.Id)).Select(e => (double)e.Amount).ToArray();
        var all = inside.Concat(doubtful).Select(e => (double)e.Amount).ToArray();
        if (sure.Length > 0)
        {
            Assert.That(statistics.Min, Is.InRange(all.Min(), sure.Min()));
            Assert.That(statistics.Max, Is.InRange(sure.Max(), all.Max()));
        }
    }

    private static void AssertReadings(EntityProfile profile, RawHistory truth, long now, Random random)
    {
        foreach (var window in profile.Plan.Windows)
        {
            var since = now - window.LengthMs;
            if (!truth.IsExact(since, now))
            {
                continue;
            }
            var inside = truth.Inside(since, now);
            var value = (uint)random.Next(1, 12);
            Assert.That(ProfileReadings.Distinct(profile, window, 0, now),
                Is.EqualTo(inside.Select(e => e.Dimensions[0]).Where(v => v != 0).Distinct().Count()));
            Assert.That(ProfileReadings.CountSame(profile, window, 1, value, now), Is.EqualTo(inside.Count(e => e.Dimensions[1] == value)));
        }
        var before = truth.Recent().Where(e => e.TimeMs < now && e.TimeMs > now - profile.Plan.RetentionMs).ToArray();
        var last = ProfileReadings.LastBefore(profile, now);
        Assert.That(last < 0 ? null : (long?)profile.Recent[last].TimeMs, Is.EqualTo(before.Length == 0 ? null : (long?)before[^1].TimeMs));
        var located = before.Where(e => e.LatitudeE4 != ProfileEvent.NoLocation).ToArray();
        var travels = ProfileReadings.TryTravel(profile, 50.5, -4.25, now, out var km, out var hours);
        Assert.That(travels, Is.EqualTo(located.Length > 0));
        if (travels)
        {
            AssertClose(hours, (now - located[^1].TimeMs) / 3_600_000.0);
            AssertClose(km, VectorDistance(located[^1].LatitudeE4 / 1e4, located[^1].LongitudeE4 / 1e4, 50.5, -4.25), 1e-6);
        }
    }

    /// <summary>
    /// Great-circle distance from the angle between unit vectors instead of the haversine formula. It is stable at every distance.
    /// </summary>
    private static double VectorDistance(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        var (a, b) = (Unit(latitude1, longitude1), Unit(latitude2, longitude2));
        double x = (a.Y * b.Z) - (a.Z * b.Y), y = (a.Z * b.X) - (a.X * b.Z), z = (a.X * b.Y) - (a.Y * b.X);
        return 6371.0088 * Math.Atan2(Math.Sqrt((x * x) + (y * y) + (z * z)), (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z));
    }

    private static (double X, double Y, double Z) Unit(double latitude, double longitude)
    {
        double phi = latitude * Math.PI / 180, lambda = longitude * Math.PI / 180;
        return (Math.Cos(phi) * Math.Cos(lambda), Math.Cos(phi) * Math.Sin(lambda), Math.Sin(phi));
    }

    private static void AssertClose(double actual, double expected, double within = 1e-9) =>
        Assert.That(actual, double.IsNaN(expected) ? Is.NaN : Is.EqualTo(expected).Within(within * Math.Max(1, Math.Abs(expected))));
}
