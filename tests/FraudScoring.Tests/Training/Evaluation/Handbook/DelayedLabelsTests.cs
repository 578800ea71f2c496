using System.Runtime.InteropServices;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Handbook;
using FraudScoring.Training.Inputs;
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

    /// <summary>The rows of one replay for all delays against a replay per delay of a log that contains the delayed labels.</summary>
    [Test]
    public void Replay_SeveralDelays_EqualsTheReplayOfEachRelabelledLogToTheBit()
    {
        var catalogue = CatalogueFile.LoadFile(RepositoryFiles.Path("models", "handbook", "features.json"));
        var log = Simulate();
        var book = LabelBook.Create(log);
        LabelDelay[] delays = [.. Enumerable.Select(["0", "1h", "1d", "3d", "7d"], Parse)];
        var (from, end) = (ProtocolFold.DayOf(book.FirstMs) + 8, ProtocolFold.DayOf(book.LastMs));
        var rows = ProtocolRows.Replay(
            Path.Combine(_folder, "events.log"), catalogue, TestCatalogues.ServedRates, book, delays, from, end, new Progress<int>(), default);
        var distinct = new HashSet<string>();
        foreach (var delay in delays)
        {
            var (expected, labels) = (new List<float>(), new List<float>());
            new HistoryReplay(catalogue, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs).Run(
                Relabel(log, book, delay, end * MillisecondsPer.Day),
                (payment, row) =>
                {
                    expected.AddRange(row.Span);
                    labels.Add(book.IsFraud(payment.TransactionId) ? 1 : 0);
                },
                from * MillisecondsPer.Day);
            var matrix = rows.Select([.. Enumerable.Range(0, rows.Labels.Length)], delay);
            Assert.That(matrix.FeatureNames, Is.EqualTo(catalogue.Features.Select(feature => feature.Name)));
            Assert.That(matrix.Labels.ToArray(), Is.EqualTo(labels));
            var actual = Enumerable.Range(0, matrix.Rows).SelectMany(row => matrix.Row(row).ToArray()).ToArray();
            Assert.That(Bits(actual), Is.EqualTo(Bits(expected)));
            distinct.Add(Convert.ToHexString(Bits(actual)));
        }
        Assert.That((rows.Labels.Length, rows.Labels.Sum()), Is.GreaterThan((500, 5f)));
        Assert.That(distinct, Has.Count.EqualTo(delays.Length), "each delay knows other labels");
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
        var rows = ProtocolRows.Replay(path, catalogue, TestCatalogues.ServedRates, book, [new LabelDelay(Hour)],
            ProtocolFold.DayOf(start), ProtocolFold.DayOf(start) + 2, new Progress<int>(), default);
        Assert.That(rows.Labels, Is.EqualTo(new[] { 1f, 0f }));
        Assert.That(rows.Select([1], new LabelDelay(Hour)).Row(0)[0], Is.EqualTo(expected));
    }

    /// <summary>The log as it would be if every payment had been labelled after the delay.</summary>
    private static IEnumerable<EventLogRecord> Relabel(List<EventLogRecord> log, LabelBook book, LabelDelay delay, long endMs)
    {
        EventLogRecord[] payments = [.. log.Where(record => record.Transaction is { } made && Ms(made.Payment.EventTime) < endMs)];
        var labels = payments.Select(record => record.Transaction.Payment).Select(payment => new EventLogRecord
        {
            Label = EventWriter.LabelOf(payment, Ms(payment.EventTime) + delay.Ms, book.IsFraud(payment.TransactionId)),
        });
        // Labels come before the payments of the same time, except the own.
        return payments.Select((record, order) => (record, Ms(record.Transaction.Payment.EventTime), 1, order))
            .Concat(labels.Select((record, order) => (record, Ms(record.Label.LabelTime), delay.Ms == 0 ? 2 : 0, order)))
            .OrderBy(due => due.Item2).ThenBy(due => due.Item3).ThenBy(due => due.order).Select(due => due.record);
    }

    private static LabelDelay Parse(string text) =>
        LabelDelay.TryParse(text, out var delay) ? delay : throw new ArgumentException($"not a delay: {text}");

    private static byte[] Bits(IEnumerable<float> values) => MemoryMarshal.AsBytes(values.ToArray().AsSpan()).ToArray();

    private List<EventLogRecord> Simulate()
    {
        var path = Path.Combine(_folder, "events.log");
        SimulatedLog.Write(new SimulationOptions { Customers = 60, Terminals = 60, Days = 24, Radius = 20, Seed = 5 },
            path, null, (_, _) => { }, default);
        return [.. EventLogReader.Read(path)];
    }

    private static long Ms(Google.Protobuf.WellKnownTypes.Timestamp time) => time.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
