using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Handbook;
using FraudScoring.V1;
using MillisecondsPer = FraudScoring.Core.Payments.MillisecondsPer;

namespace FraudScoring.Tests.Training.Evaluation.Handbook;

public sealed class DelayedLabelsTests
{
    private const long Hour = MillisecondsPer.Hour;

    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("delayed-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(24 * 3)]
    public void Relabel_SimulatedLog_LabelsEveryPaymentOnceAtTheDelayInOrderOfTime(int hours)
    {
        var log = Simulate();
        var book = LabelBook.Create(log);
        var delay = new LabelDelay(hours * Hour);
        var endMs = book.LastMs - (20 * Hour);
        var relabelled = DelayedLabels.Relabel(log, book, delay, endMs).ToList();
        var payments = relabelled.Where(r => r.Transaction is not null).Select(r => r.Transaction.Payment).ToList();
        Assert.That(payments.Select(p => p.TransactionId), Is.EqualTo(
            log.Where(r => r.Transaction is { } t && Ms(t.Payment.EventTime) < endMs).Select(r => r.Transaction.Payment.TransactionId)));
        var timeOf = payments.ToDictionary(p => p.TransactionId, p => Ms(p.EventTime));
        long now = 0;
        var labelled = new HashSet<string>();
        foreach (var record in relabelled)
        {
            var time = Ms(record.Label?.LabelTime ?? record.Transaction.Payment.EventTime);
            Assert.That(time, Is.GreaterThanOrEqualTo(now));
            now = time;
            if (record.Label is { } label)
            {
                Assert.That(labelled.Add(label.TransactionId), Is.True);
                Assert.That(time, Is.EqualTo(timeOf[label.TransactionId] + delay.Ms));
                Assert.That(label.Fraud, Is.EqualTo(log.Any(r => r.Label is { Fraud: true } l && l.TransactionId == label.TransactionId)));
            }
        }
        var last = payments.Max(p => Ms(p.EventTime));
        Assert.That(labelled, Is.EquivalentTo(
            timeOf.Where(p => p.Value + delay.Ms <= last && p.Key != payments[^1].TransactionId).Select(p => p.Key)));
        Assert.That(relabelled.Count(r => r.Label is { Fraud: true }), Is.GreaterThan(0));
    }

    [TestCase(-1, 0)]
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    public void Replay_PaymentAboutADelayAfterAFraud_SeesItOnlyWhenItBecameKnownBefore(int laterMs, int expected)
    {
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"], "labels": 8}""", TestCatalogues.Card("fraud_count", "7d"));
        var start = EventStreams.StartMs;
        var path = Path.Combine(_folder, "two.events");
        using (var writer = new EventLogWriter(path))
        {
            writer.Write(TestPayments.Create("fraud", start));
            writer.Write(TestPayments.Create("next", start + Hour + laterMs));
            writer.Write(new FraudScoring.Core.Payments.Label
            {
                TransactionId = "fraud", EventTimeMs = start, LabelTimeMs = start + (50 * Hour), Fraud = true, Card = "card",
            });
            writer.Complete();
        }
        var book = LabelBook.Create(EventLogReader.Read(path));
        var rows = ProtocolRows.Replay(path, catalogue, TestCatalogues.ServedRates, book, new LabelDelay(Hour),
            ProtocolFold.DayOf(start), ProtocolFold.DayOf(start) + 2, new Progress<int>(), default);
        Assert.That(rows.Matrix.Labels.ToArray(), Is.EqualTo(new[] { 1f, 0f }));
        Assert.That(rows.Matrix.Row(1)[0], Is.EqualTo(expected));
    }

    private List<EventLogRecord> Simulate()
    {
        var path = Path.Combine(_folder, "events.log");
        SimulatedLog.Write(new SimulationOptions { Customers = 60, Terminals = 60, Days = 12, Radius = 20, Seed = 5 },
            path, null, (_, _) => { }, default);
        return [.. EventLogReader.Read(path)];
    }

    private static long Ms(Google.Protobuf.WellKnownTypes.Timestamp time) => time.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
