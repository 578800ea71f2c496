using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class LabelStreakTests
{
    private const long Day = MillisecondsPer.Day;
    private const long Maturity = 30 * Day;

    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Compile(Encoding.UTF8.GetBytes(TestCatalogues.Json(
        """{"name": "card", "fields": ["card"], "recent": 6, "labels": 256}""",
        TestCatalogues.Card("fraud_streak"), TestCatalogues.Card("legitimate_streak"), TestCatalogues.Card("time_since_streak_start"),
        TestCatalogues.Card("streak_min"), TestCatalogues.Card("streak_max"), TestCatalogues.Card("time_since_legitimate"))
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
        Assert.That(seen.Count(s => s.Item1 > 0), Is.EqualTo(6), "every number of consecutive frauds up to the list's length");
        Assert.That(seen.Count(s => s.Item2 > 0), Is.EqualTo(6), "every number of legitimate payments up to the list's length");
    }

    [Test]
    public void Of_RowFillsTheList_IsCut()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        for (var i = 1; i <= 5; i++)
        {
            Add(profile, i, fraud: true);
        }
        Assert.That(Now(profile), Is.EqualTo(new LabelStreak(5, 0, EventStreams.StartMs + 1, false) { Smallest = 10, Largest = 50 }));
        Add(profile, 6, fraud: true);
        Assert.That(Now(profile), Is.EqualTo(new LabelStreak(6, 0, EventStreams.StartMs + 1, true) { Smallest = 10, Largest = 60 }));
        Add(profile, 7, fraud: false);
        Assert.That(Now(profile),
            Is.EqualTo(new LabelStreak(0, 1, EventStreams.StartMs + 7, false) { LegitimateMs = EventStreams.StartMs + 7 }));
        Add(profile, 8, fraud: true);
        Assert.That(Now(profile), Is.EqualTo(
            new LabelStreak(1, 0, EventStreams.StartMs + 8, false)
            {
                Smallest = 80, Largest = 80, LegitimateMs = EventStreams.StartMs + 7,
            }));
    }

    [TestCase(3, "streak_min by card, in EUR, among 6 recent payments, among 256 labels, legitimate after 30d", "EUR")]
    [TestCase(5, "time_since_legitimate by card, among 6 recent payments, among 256 labels, legitimate after 30d", "seconds")]
    public void Features_OfAStreak_SayAmongWhat(int feature, string meaning, string unit)
    {
        Assert.That((Catalogue.Features[feature].Meaning, Catalogue.Features[feature].Unit), Is.EqualTo((meaning, unit)));
        Assert.That(Catalogue.Features[feature].ErrorBound, Does.StartWith("Exact among the 6 newest payments and their labels"));
    }

    [Test]
    public void States_RowOfFraudsFillsTheList_ItsAmountsAreSaturated()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        for (var i = 1; i <= 6; i++)
        {
            Add(profile, i, fraud: true);
        }
        var row = new float[Catalogue.Features.Count];
        FeatureBuilder.Fill(Catalogue, TestPayments.Create("now", EventStreams.StartMs + Day), 1, [profile], row);
        var states = new FeatureState[row.Length];
        FeatureStates.Fill(Catalogue, [profile], row, EventStreams.StartMs + Day, states);
        Assert.That(states[3..], Is.EqualTo(new[] { FeatureState.Saturated, FeatureState.Saturated, FeatureState.Absent }));
    }

    private static LabelStreak Now(EntityProfile profile) => LabelStreak.Compute(profile, EventStreams.StartMs + Day);

    private static void Add(EntityProfile profile, int number, bool fraud)
    {
        profile.Add(
            new ProfileEvent
            {
                TimeMs = EventStreams.StartMs + number, Id = (ulong)number, Amount = number * 10,
                LatitudeE4 = ProfileEvent.NoLocation
            });
        profile.Labels.Add(new ProfileLabel((ulong)number, EventStreams.StartMs + 100, fraud));
    }

    private static (int, int) AssertAgrees(EntityProfile profile, ProfileEvent[] events, ProfileLabel[] labels, long now)
    {
        var row = new float[Catalogue.Features.Count];
        FeatureBuilder.Fill(Catalogue, TestPayments.Create("now", now), 1, [profile], row);
        var known = new List<(long TimeMs, long Amount, bool Fraud)>();
        foreach (var e in events.Where(e => e.TimeMs > events.Max(x => x.TimeMs) - (90 * Day)).OrderBy(e => e.TimeMs).ThenBy(e => e.Id)
            .TakeLast(6).Reverse().Where(e => e.TimeMs < now))
        {
            var label = labels.Where(l => l.Id == e.Id && l.LabelTimeMs < now).Select(l => (bool?)l.Fraud).SingleOrDefault();
            if (label is not null || now - e.TimeMs > Maturity)
            {
                known.Add((e.TimeMs, e.Amount, label ?? false));
            }
        }
        var frauds = known.TakeWhile(v => v.Fraud).ToArray();
        var legitimate = known.TakeWhile(v => !v.Fraud).Count();
        Assert.That((row[0], row[1]), Is.EqualTo(((float)frauds.Length, (float)legitimate)));
        Assert.That(row[2], frauds.Length == 0 ? Is.NaN : Is.EqualTo((now - frauds[^1].TimeMs) / 1000.0).Within(1e-4).Percent);
        Assert.That(row[3], frauds.Length == 0 ? Is.NaN : Is.EqualTo((float)(frauds.Min(v => v.Amount) / 100.0)));
        Assert.That(row[4], frauds.Length == 0 ? Is.NaN : Is.EqualTo((float)(frauds.Max(v => v.Amount) / 100.0)));
        var newest = known.Where(v => !v.Fraud).Select(v => (long?)v.TimeMs).FirstOrDefault();
        Assert.That(row[5], newest is null ? Is.NaN : Is.EqualTo((now - newest.Value) / 1000.0).Within(1e-4).Percent);
        return (frauds.Length, legitimate);
    }
}
