using System.Text;
using FraudScoring.Core.Features;

namespace FraudScoring.Tests.Core.Features;

public sealed class LabelStreakTests
{
    private const long Day = 86_400_000;
    private const long Maturity = 30 * Day;

    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Compile(Encoding.UTF8.GetBytes(TestCatalogues.Json(
        """{"name": "card", "fields": ["card"], "recent": 6, "labels": 256}""",
        TestCatalogues.Card("fraud_streak"), TestCatalogues.Card("legitimate_streak"), TestCatalogues.Card("time_since_streak_start"))
            .Replace("\"entities\"", "\"maturity\": \"30d\", \"entities\"", StringComparison.Ordinal)));

    [Test]
    public void Fill_AnyPaymentsAndLabels_AgreesWithAllOfThem()
    {
        var seen = new HashSet<(int, int)>();
        for (var seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            var events = EventStreams.Draw(random, Catalogue.Entities[0], random.Next(1, 20), 6);
            var frauds = random.NextDouble();
            var labels = events.Where(_ => random.Next(4) > 0).Select(e => new ProfileLabel(
                e.Id, e.TimeMs + random.NextInt64(20 * Day), random.NextDouble() < frauds)).ToArray();
            var newest = events.Max(e => e.TimeMs);
            random.Shuffle(events);
            random.Shuffle(labels);
            var profile = EntityProfileTests.Fill(new EntityProfile(Catalogue.Entities[0]), events, labels);
            long[] nows = [newest, newest + 1, newest + random.NextInt64(20 * Day), newest + (29 * Day) + random.NextInt64(3 * Day)];
            foreach (var now in nows)
            {
                seen.Add(AssertAgrees(profile, events, labels, now));
            }
        }
        Assert.That(seen.Count(s => s.Item1 > 0), Is.EqualTo(6), "every length of a row of frauds up to the list's");
        Assert.That(seen.Count(s => s.Item2 > 0), Is.EqualTo(6), "every length of a row of legitimate payments up to the list's");
    }

    [Test]
    public void Of_RowFillsTheList_IsCut()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        for (var i = 1; i <= 5; i++)
        {
            Add(profile, i, fraud: true);
        }
        Assert.That(Now(profile), Is.EqualTo(new LabelStreak(5, 0, EventStreams.StartMs + 1, false)));
        Add(profile, 6, fraud: true);
        Assert.That(Now(profile), Is.EqualTo(new LabelStreak(6, 0, EventStreams.StartMs + 1, true)));
        Add(profile, 7, fraud: false);
        Assert.That(Now(profile), Is.EqualTo(new LabelStreak(0, 1, EventStreams.StartMs + 7, false)));
    }

    private static LabelStreak Now(EntityProfile profile) => LabelStreak.Of(profile, EventStreams.StartMs + Day);

    private static void Add(EntityProfile profile, int number, bool fraud)
    {
        profile.Add(new ProfileEvent { TimeMs = EventStreams.StartMs + number, Id = (ulong)number, LatitudeE4 = ProfileEvent.NoLocation });
        profile.Labels.Add(new ProfileLabel((ulong)number, EventStreams.StartMs + 100, fraud));
    }

    private static (int, int) AssertAgrees(EntityProfile profile, ProfileEvent[] events, ProfileLabel[] labels, long now)
    {
        var row = new float[3];
        FeatureBuilder.Fill(Catalogue, TestPayments.Of("now", now), 1, [profile], row);
        var verdicts = new List<(long TimeMs, bool Fraud)>();
        foreach (var e in events.Where(e => e.TimeMs > events.Max(x => x.TimeMs) - (90 * Day)).OrderBy(e => e.TimeMs).ThenBy(e => e.Id)
            .TakeLast(6).Reverse().Where(e => e.TimeMs < now))
        {
            var label = labels.Where(l => l.Id == e.Id && l.LabelTimeMs < now).Select(l => (bool?)l.Fraud).SingleOrDefault();
            if (label is { } verdict || now - e.TimeMs > Maturity)
            {
                verdicts.Add((e.TimeMs, label ?? false));
            }
        }
        var frauds = verdicts.TakeWhile(v => v.Fraud).ToArray();
        var legitimate = verdicts.TakeWhile(v => !v.Fraud).Count();
        Assert.That((row[0], row[1]), Is.EqualTo(((float)frauds.Length, (float)legitimate)));
        Assert.That(row[2], frauds.Length == 0 ? Is.NaN : Is.EqualTo((now - frauds[^1].TimeMs) / 1000.0).Within(1e-4).Percent);
        return (frauds.Length, legitimate);
    }
}
