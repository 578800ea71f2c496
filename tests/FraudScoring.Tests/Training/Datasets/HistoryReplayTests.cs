using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Label = FraudScoring.Core.Payments.Label;
using Payment = FraudScoring.Core.Payments.Payment;

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
            new HistoryReplay(catalogue, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs).Run(EventLogReader.Read(path), (payment, row) =>
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

    /// <summary>As in the service: by its payment, whichever of the two comes first, for Labels:HorizonDays.</summary>
    [TestCase(0, true, 90, 1)]
    [TestCase(0, false, 90, 1)]
    [TestCase(40, true, 90, 1)]
    [TestCase(40, true, 30, 0)]
    [TestCase(90, true, 90, 1)]
    [TestCase(91, true, 90, 0)]
    [TestCase(91, false, 90, 0)]
    public void Run_LabelWithoutTokens_CountsWhereItsPaymentIs(int days, bool isPaymentFirst, int horizonDays, int expected)
    {
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"], "labels": 8}""", TestCatalogues.Card("fraud_count", "7d"));
        var start = EventStreams.StartMs;
        var payment = Record(TestPayments.Create("fraud", start));
        var label = new EventLogRecord
        {
            Label = EventWriter.ToProto(new Label
            {
                TransactionId = "fraud", EventTimeMs = start, LabelTimeMs = start + (days * MillisecondsPer.Day), Fraud = true,
            }),
        };
        var rows = new List<float>();
        new HistoryReplay(catalogue, TestCatalogues.ServedRates, horizonDays * MillisecondsPer.Day).Run(
            [
                .. isPaymentFirst ? [payment, label] : new[] { label, payment },
                Record(TestPayments.Create("next", start + (days * MillisecondsPer.Day) + MillisecondsPer.Hour)),
            ],
            (_, row) => rows.Add(row.Span[0]));
        Assert.That(rows, Is.EqualTo(new[] { 0f, expected }));
    }

    /// <summary>The rows that train and thresholds learn from.</summary>
    [TestCase(30, 0)]
    [TestCase(90, 1)]
    public void Replay_LabelWithoutTokensAfter40Days_CountsWithinTheHorizon(int horizonDays, int expected)
    {
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"], "labels": 8}""", TestCatalogues.Card("fraud_count", "7d"));
        var (start, later) = (EventStreams.StartMs, EventStreams.StartMs + (40 * MillisecondsPer.Day));
        var folder = Directory.CreateTempSubdirectory("replay-").FullName;
        try
        {
            var path = Path.Combine(folder, "events.log");
            using (var log = new EventLogWriter(path))
            {
                log.Write(TestPayments.Create("fraud", start));
                log.Write(new Label { TransactionId = "fraud", EventTimeMs = start, LabelTimeMs = later, Fraud = true });
                log.Write(TestPayments.Create("next", later + MillisecondsPer.Hour));
                log.Complete();
            }
            var book = LabelBook.Create(EventLogReader.Read(path));
            var history = ReplayedHistory.Replay(path, catalogue, TestCatalogues.ServedRates, horizonDays * MillisecondsPer.Day, book,
                new TimeSplit(start, later, later, later, long.MaxValue), new Progress<int>(), CancellationToken.None);
            Assert.That(history.Test.Row(0).ToArray(), Is.EqualTo(new[] { (float)expected }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static EventLogRecord Record(Payment payment) =>
        new() { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(payment) } };
}
