using FraudScoring.Core.Payments;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Tests.Training.Datasets;

public sealed class HistoryReplayTests
{
    [Test]
    public void Run_CatalogueWithAttempts_CountsEarlierPaymentsOfTheLogAndTheOwn()
    {
        const long window = MillisecondsPer.Day;
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"], "attempts": 255}, {"name": "device", "fields": ["device"], "attempts": 255}""",
            TestCatalogues.Card("attempts", "24h"), TestCatalogues.Aggregate("device", "attempts", "1h"),
            TestCatalogues.Card("count", "24h"));
        var folder = Directory.CreateTempSubdirectory("replay-").FullName;
        try
        {
            var path = Path.Combine(folder, "events.log");
            var options = new SimulationOptions { Customers = 30, Terminals = 60, Days = 4, Seed = 3 };
            SimulatedLog.Write(options, path, null, (_, _) => { }, CancellationToken.None);
            var earlier = new List<(string Card, long TimeMs)>();
            var (most, missing) = (0f, 0);
            new HistoryReplay(catalogue).Run(EventLogReader.Read(path), (payment, row) =>
            {
                earlier.Add((payment.Card, payment.EventTimeMs));
                var expected = earlier.Count(e =>
                    e.Card == payment.Card && e.TimeMs > payment.EventTimeMs - window && e.TimeMs <= payment.EventTimeMs);
                Assert.That(row.Span[0], Is.EqualTo(expected));
                Assert.That(row.Span[1], payment.Device is null ? Is.NaN : Is.GreaterThanOrEqualTo(1));
                most = Math.Max(most, row.Span[0]);
                missing += payment.Device is null ? 1 : 0;
            });
            Assert.That((most, missing), Is.GreaterThanOrEqualTo((3f, 1)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
