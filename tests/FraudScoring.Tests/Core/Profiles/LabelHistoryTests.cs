using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class LabelHistoryTests
{
    private const long Day = MillisecondsPer.Day;

    private static readonly EntityPlan Plan = Compile(
        Delayed("fraud_count", "12h"), Delayed("fraud_count", "7d"), Delayed("fraud_count", "30d"), Delayed("fraud_count", "7d", "2d"),
        Delayed("fraud_rate", "12h"), Delayed("fraud_rate", "30d"), Delayed("fraud_rate", "7d", "7d"));

    [Test]
    public void FraudCountAndRate_AnyLabels_AgreeWithAllLabelsEver()
    {
        var exact = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var labels = EventStreams.Labels(random, random.Next(1, 40));
            var newest = labels.Max(l => l.LabelTimeMs);
            random.Shuffle(labels);
            var history = EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels;
            foreach (var now in new[] { newest + 1, newest + random.NextInt64(Day), newest + random.NextInt64(40 * Day) })
            {
                exact += Plan.LabelWindows.Count(window => AssertAgrees(history, labels, window, now));
            }
        }
        Assert.That(exact, Is.GreaterThan(2_000));
    }

    [Test]
    public void Tiles_NoFeatureOfRates_CountFraudsAlone()
    {
        var labels = EventStreams.Labels(new Random(1), 30);
        var history = EntityProfileTests.Fill(new EntityProfile(Compile(Delayed("fraud_count", "30d"))), [], labels).Labels;
        Assert.That(history.Tiles, Is.Not.Empty);
        Assert.That(history.Tiles.Select(t => t.Labels), Is.EqualTo(history.Tiles.Select(t => t.Frauds)));
        Assert.That(history.FraudRate(labels.Max(l => l.LabelTimeMs) + 1, new LabelWindow(30 * Day, 0)), Is.NaN);
    }

    [Test]
    public void LastFraudMs_AnyLabels_IsTheNewestKeptBeforeNow()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var labels = EventStreams.Labels(random, random.Next(1, 20));
            var now = labels[random.Next(labels.Length)].LabelTimeMs + random.Next(2);
            var expected = labels.OrderBy(l => l.LabelTimeMs).ThenBy(l => l.Id).TakeLast(Plan.LabelCapacity)
                .Where(l => l.Fraud && l.LabelTimeMs < now).Select(l => (long?)l.LabelTimeMs)
                .LastOrDefault();
            random.Shuffle(labels);
            Assert.That(EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels.LastFraudMs(now), Is.EqualTo(expected),
                $"seed {seed}");
        }
    }

    [Test]
    public void Add_RelabelledPaymentsInAnyOrder_GivesTheSame()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            // Three payments are labelled repeatedly. All of them stay among the labels kept exactly.
            var labels = Enumerable.Range(0, 12)
                .Select(_ => new ProfileLabel((ulong)random.Next(3), random.Next(1_000), random.Next(2) == 0)).ToArray();
            var expected = EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels.Recent.ToArray();
            random.Shuffle(labels);
            Assert.That(EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels.Recent, Is.EqualTo(expected), $"seed {seed}");
        }
    }

    private static EntityPlan Compile(params string[] features) =>
        TestCatalogues.Create("""{"name": "card", "fields": ["card"], "labels": 5}""", features).Entities[0];

    private static string Delayed(string aggregate, string window, string? delay = null) => delay is null
        ? TestCatalogues.Card(aggregate, window)
        : TestCatalogues.Card(aggregate, window).Replace("\"text\"", $"\"delay\": \"{delay}\", \"text\"", StringComparison.Ordinal)
            .Replace($"{aggregate}_{window}", $"{aggregate}_{window}_{delay}", StringComparison.Ordinal);

    /// <returns>True if no tile is cut, so that the readings are exact.</returns>
    private static bool AssertAgrees(LabelHistory history, ProfileLabel[] labels, LabelWindow window, long now)
    {
        long end = now - window.DelayMs, since = end - window.LengthMs;
        var kept = history.Recent.Select(l => l.Id).ToHashSet();
        var cut = labels.Where(l => !kept.Contains(l.Id) && (l.LabelTimeMs / Day == since / Day
            || (window.DelayMs > 0 && l.LabelTimeMs / Day == end / Day))).ToArray();
        var inside = labels.Where(l => l.LabelTimeMs > since && l.LabelTimeMs < end).ToArray();
        var (count, rate) = (history.FraudCount(now, window), history.FraudRate(now, window));
        var frauds = inside.Count(l => l.Fraud);
        Assert.That(count, Is.EqualTo(frauds).Within(cut.Count(l => l.Fraud) + 1e-9));
        if (cut.Length == 0)
        {
            Assert.That(rate, inside.Length == 0 ? Is.NaN : Is.EqualTo((double)frauds / inside.Length).Within(1e-12));
            return true;
        }
        var sure = inside.Except(cut).ToArray();
        double least = sure.Count(l => l.Fraud), most = least + cut.Count(l => l.Fraud);
        if (sure.Length > 0)
        {
            Assert.That(rate, Is.InRange((least / (sure.Length + cut.Length)) - 1e-9, (most / (sure.Length + most - least)) + 1e-9));
        }
        return false;
    }
}
