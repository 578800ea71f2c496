using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Datasets;

/// <summary>The rows of a replayed log, split by time into rows to train on and rows to test on.</summary>
/// <param name="Fit">Rows for the members, with the labels known when the test begins.</param>
/// <param name="Later">Rows for stacker and calibration, with the labels known when the test begins.</param>
/// <param name="Test">Rows to test on, with the labels of the whole log.</param>
/// <param name="LaterPayments">The payment of each later row.</param>
/// <param name="TestPayments">The payment of each test row.</param>
internal sealed record ReplayedHistory(
    TrainingMatrix Fit, TrainingMatrix Later, TrainingMatrix Test, IReadOnlyList<TestPayment> LaterPayments,
    IReadOnlyList<TestPayment> TestPayments)
{
    /// <summary>Features whose values are codes without order.</summary>
    private static readonly string[] Categorical = ["channel"];

    /// <summary>Replays a log and assigns its rows to the parts of a split.</summary>
    /// <param name="path">The event log.</param>
    /// <param name="catalogue">The features to compute.</param>
    /// <param name="rates">The exchange rates.</param>
    /// <param name="labelHorizonMs">Longest time from a payment to a label without tokens that still finds it.</param>
    /// <param name="book">The log's labels.</param>
    /// <param name="split">The parts.</param>
    /// <param name="progress">Receives the number of payments replayed.</param>
    /// <param name="cancellation">Checked between payments.</param>
    public static ReplayedHistory Replay(
        string path, FeatureCatalogue catalogue, ExchangeRates rates, long labelHorizonMs, LabelBook book, TimeSplit split,
        IProgress<int> progress, CancellationToken cancellation)
    {
        string[] names = [.. catalogue.Features.Select(f => f.Name)];
        int[] categorical = [.. Categorical.Select(catalogue.IndexOf).Where(i => i >= 0)];
        TrainingMatrixBuilder fit = new(names, categorical), later = new(names, categorical), test = new(names, categorical);
        var (laterPayments, testPayments) = (new List<TestPayment>(), new List<TestPayment>());
        new HistoryReplay(catalogue, rates, labelHorizonMs).Run(EventLogReader.Read(path, progress, cancellation), (payment, row) =>
        {
            var origin = new RowOrigin(payment.EventTimeMs, book.TimesOf(payment.TransactionId), (long)StableHash.Compute(payment.Card));
            if (payment.EventTimeMs >= split.EndMs)
            {
                return;
            }
            if (payment.EventTimeMs >= split.TestMs)
            {
                test.Add(row.Span, book.IsFraud(payment.TransactionId) ? 1 : 0, 1, origin);
                testPayments.Add(TestPayment.Create(payment, rates));
            }
            else if (payment.EventTimeMs >= split.FitMs && payment.EventTimeMs < split.GapMs)
            {
                var fraud = book.IsKnownFraud(payment.TransactionId, split.TestMs);
                (payment.EventTimeMs < split.LaterMs ? fit : later).Add(row.Span, fraud ? 1 : 0, 1, origin);
                if (payment.EventTimeMs >= split.LaterMs)
                {
                    laterPayments.Add(TestPayment.Create(payment, rates));
                }
            }
        });
        return new ReplayedHistory(fit.Build(), later.Build(), test.Build(), laterPayments, testPayments);
    }
}

/// <summary>What an evaluation needs to know of a row's payment.</summary>
/// <param name="Day">Day since the Unix epoch.</param>
/// <param name="Card">Hash of the card's token.</param>
internal readonly record struct TestPayment(int Day, long Card)
{
    /// <summary>The traits that determine its segment.</summary>
    public PaymentTraits Traits { get; init; }

    /// <param name="payment">The payment.</param>
    /// <param name="rates">The exchange rates.</param>
    public static TestPayment Create(Payment payment, ExchangeRates rates)
    {
        // Every record holds its own copy of a few distinct country codes; interning keeps one of each.
        var country = payment.Country is null ? null : string.Intern(payment.Country);
        return new TestPayment((int)(payment.EventTimeMs / MillisecondsPer.Day), (long)StableHash.Compute(payment.Card))
        {
            Traits = PaymentTraits.Create(payment, rates.Convert(payment)) with { Country = country },
        };
    }
}
