using FraudScoring.Core.Features;

namespace FraudScoring.Tests.Core.Features;

public sealed class LabelHistoryTests
{
    private const long Day = 86_400_000;

    private static readonly EntityPlan Plan = TestCatalogues.Of(
        """{"name": "card", "fields": ["card"], "labels": 5}""",
        TestCatalogues.Card("fraud_count", "12h"), TestCatalogues.Card("fraud_count", "7d"), TestCatalogues.Card("fraud_count", "30d"))
            .Entities[0];

    [Test]
    public void FraudCount_AnyLabels_AgreesWithAllLabelsEver()
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
                foreach (var window in Plan.LabelWindowsMs)
                {
                    var frauds = labels.Count(l => l.Fraud && l.LabelTimeMs > now - window && l.LabelTimeMs < now);
                    var kept = history.Recent.Select(l => l.Id).ToHashSet();
                    var cut = labels.Count(l => l.Fraud && !kept.Contains(l.Id) && l.LabelTimeMs / Day == (now - window) / Day);
                    Assert.That(history.FraudCount(now, window), Is.EqualTo(frauds).Within(cut + 1e-9), $"seed {seed}");
                    exact += cut == 0 ? 1 : 0;
                }
            }
        }
        Assert.That(exact, Is.GreaterThan(1_000));
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
            // Three payments labelled again and again: all of them stay among the exact ones.
            var labels = Enumerable.Range(0, 12)
                .Select(_ => new ProfileLabel((ulong)random.Next(3), random.Next(1_000), random.Next(2) == 0)).ToArray();
            var expected = EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels.Recent.ToArray();
            random.Shuffle(labels);
            Assert.That(EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels.Recent, Is.EqualTo(expected), $"seed {seed}");
        }
    }
}
