using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>Counts of unusual amounts, compared with counts over the raw payments.</summary>
public sealed class CountUnusualTests
{
    private const long Day = MillisecondsPer.Day;
    private const int Recent = 12;

    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Create(
        $$"""{"name": "card", "fields": ["card"], "recent": {{Recent}}}""",
        Feature("a", "3d", ""), Feature("b", "14d", ""), Feature("c", "7d", ", \"delay\": \"1d\""),
        Feature("d", "14d", """, "filter": {"field": "amount", "at_least": 1}"""));

    [Test]
    public void Fill_AnyPayments_CountsThoseFarAboveTheMedianOfTheRecentOnes()
    {
        var seen = new HashSet<float>();
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var profile = new EntityProfile(Catalogue.Entities[0]);
            var payments = Enumerable.Range(0, random.Next(20)).Select(i => (
                Id: (ulong)(i + 1), TimeMs: EventStreams.StartMs + random.NextInt64(20 * Day),
                Amount: random.NextInt64(20, 1_000) * (random.Next(4) == 0 ? 5 : 1)))
                .ToArray();
            foreach (var (id, timeMs, amount) in payments)
            {
                var payment = TestPayments.Create($"t{id}", timeMs, amount);
                profile.Add(ProfileEvent.Create(Catalogue.Entities[0], payment, amount));
            }
            var now = EventStreams.StartMs + random.NextInt64(22 * Day);
            var row = new float[Catalogue.Features.Count];
            FeatureBuilder.Fill(Catalogue, TestPayments.Create("now", now), 1, [profile], row);
            var newest = payments.Select(p => p.TimeMs).DefaultIfEmpty().Max();
            var kept = payments.Where(p => p.TimeMs > newest - profile.Plan.RetentionMs)
                .OrderBy(p => p.TimeMs).ThenBy(p => ProfileEvent.IdOf($"t{p.Id}")).TakeLast(Recent)
                .Where(p => p.TimeMs < now && p.TimeMs > now - profile.Plan.RetentionMs).Select(p => (p.TimeMs, p.Amount)).ToArray();
            AssertCount(row[0], kept, 0, now, 0, 3 * Day);
            AssertCount(row[1], kept, 0, now, 0, 14 * Day);
            AssertCount(row[2], kept, 0, now, Day, 7 * Day);
            AssertCount(row[3], [.. kept.Where(p => p.Amount >= 100)], 100, now, 0, 14 * Day);
            seen.Add(row[1]);
        }
        Assert.That(seen, Has.Count.GreaterThanOrEqualTo(4));
    }

    [TestCase("", ".times: must be a number from 1 to 1,000")]
    [TestCase(", \"times\": 0.5", ".times: must be a number from 1 to 1,000")]
    [TestCase(", \"times\": 2000", ".times: must be a number from 0 to 1000")]
    public void Read_WrongTimes_NamesIt(string times, string expected) => Assert.That(
        TestCatalogues.FaultsOf(TestCatalogues.Json("""{"name": "card", "fields": ["card"]}""",
            $$"""{"name": "a", "text": "t", "entity": "card", "aggregate": "count_unusual", "window": "7d"{{times}}}"""))
                .Select(f => f.ToString()),
        Has.Some.StartsWith("$.features[0]" + expected));

    [Test]
    public void Features_CountUnusual_SaysAboveWhatAndAmongWhich()
    {
        Assert.That(Catalogue.Features[0].Meaning,
            Is.EqualTo("count_unusual above 2.6 times the median by card in 3d, among 12 recent payments"));
        Assert.That(Catalogue.Features[0].Unit, Is.EqualTo("payments"));
        Assert.That(Catalogue.Features[0].ErrorBound, Does.StartWith("Exact among the 12 newest payments"));
    }

    private static void AssertCount(float actual, (long TimeMs, long Amount)[] kept, long least, long now, long delay, long window)
    {
        if (kept.Length == 0)
        {
            Assert.That(actual, Is.NaN);
            return;
        }
        var median = kept.Select(p => p.Amount).Order().ElementAt((kept.Length + 1) / 2 - 1);
        Assert.That(actual,
            Is.EqualTo(kept.Count(p => p.Amount >= least && p.Amount > 2.6 * median && p.TimeMs < now - delay
                && p.TimeMs > now - delay - window)));
    }

    private static string Feature(string name, string window, string more) =>
        $$"""{"name": "{{name}}", "text": "t", "entity": "card", "aggregate": "count_unusual", """
        + $$""" "times": 2.6, "window": "{{window}}"{{more}}}""";
}
