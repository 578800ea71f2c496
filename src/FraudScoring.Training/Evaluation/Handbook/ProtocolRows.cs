using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Feature rows of the payments that the splits need, computed under several label delays in one replay.</summary>
/// <remarks>
/// A delay changes only the features that read labels. They are kept once per delay, all others once: with the committed catalogue, five
/// delays take 2.6 times the memory of one.
/// </remarks>
/// <param name="TimesMs">Time of each payment, in milliseconds since the Unix epoch.</param>
/// <param name="Days">Day of each payment, since the Unix epoch.</param>
/// <param name="Cards">Hash of each payment's card.</param>
/// <param name="Labels">The final label of each payment, whatever the delay: 1 for fraud, 0 for legitimate.</param>
internal sealed record ProtocolRows(long[] TimesMs, int[] Days, long[] Cards, float[] Labels)
{
    private string[] Names { get; init; } = [];

    private IReadOnlyList<LabelDelay> Delays { get; init; } = [];

    private FeatureColumns Shared { get; init; } = new([]);

    private FeatureColumns[] Delayed { get; init; } = [];

    /// <summary>Replays a log from its beginning. Memory is used only for the days kept.</summary>
    /// <param name="log">Path of the event log.</param>
    /// <param name="catalogue">The feature catalogue.</param>
    /// <param name="rates">The exchange rates.</param>
    /// <param name="book">The final labels.</param>
    /// <param name="delays">Times from payment to label; the log's own labels are ignored.</param>
    /// <param name="from">First day to keep.</param>
    /// <param name="end">The day after the last day to keep.</param>
    /// <param name="progress">Receives the number of payments replayed.</param>
    /// <param name="cancellation">Checked between payments.</param>
    public static ProtocolRows Replay(
        string log, FeatureCatalogue catalogue, ExchangeRates rates, LabelBook book, IReadOnlyList<LabelDelay> delays, int from, int end,
        IProgress<int> progress, CancellationToken cancellation)
    {
        var labelled = catalogue.Program.LabelFeatures;
        var shared = new FeatureColumns([.. Enumerable.Range(0, catalogue.Features.Count).Except(labelled)]);
        FeatureColumns[] delayed = [.. delays.Select(_ => new FeatureColumns(labelled))];
        var (times, cards, frauds) = (new List<long>(), new List<long>(), new List<float>());
        var histories = new DelayedLabels(catalogue, delays);
        // The replay sees no labels, so it needs to remember no payments for them.
        var replay = new HistoryReplay(catalogue, rates, labelHorizonMs: 0);
        var row = new float[catalogue.Features.Count];
        foreach (var (payment, amount) in replay.Walk(PaymentsBefore(end, EventLogReader.Read(log, progress, cancellation))))
        {
            var fraud = book.IsFraud(payment.TransactionId);
            histories.MoveTo(payment, replay.Keys);
            if (payment.EventTimeMs >= from * MillisecondsPer.Day)
            {
                FeatureBuilder.FillPayments(catalogue, payment, amount, replay.Profiles, row);
                for (var d = 0; d < delayed.Length; d++)
                {
                    FillLabels(catalogue, payment, replay.Profiles, histories, d, row);
                    delayed[d].Add(row);
                }
                shared.Add(row);
                times.Add(payment.EventTimeMs);
                cards.Add((long)StableHash.Compute(payment.Card));
                frauds.Add(fraud ? 1 : 0);
            }
            histories.Schedule(payment, fraud);
        }
        return new ProtocolRows([.. times], [.. times.Select(ProtocolFold.DayOf)], [.. cards], [.. frauds])
        {
            Names = [.. catalogue.Features.Select(feature => feature.Name)],
            Delays = delays,
            Shared = shared,
            Delayed = delayed,
        };
    }

    /// <summary>The given payments under one of the replayed delays, each with its final label.</summary>
    public TrainingMatrix Select(ReadOnlySpan<int> rows, LabelDelay delay)
    {
        var builder = new TrainingMatrixBuilder(Names);
        var own = Delayed[Delays.ToList().IndexOf(delay)];
        var row = new float[Names.Length];
        foreach (var index in rows)
        {
            Shared.CopyTo(index, row);
            own.CopyTo(index, row);
            builder.Add(row, Labels[index]);
        }
        return builder.Build();
    }

    /// <summary>The training payments of a split under a delay.</summary>
    public int[] TrainRows(ProtocolFold fold, int days, LabelDelay delay) =>
        [.. Enumerable.Range(0, TimesMs.Length).Where(row => fold.LearnsFrom(TimesMs[row], days, delay.Ms))];

    private static IEnumerable<EventLogRecord> PaymentsBefore(int end, IEnumerable<EventLogRecord> records) => records.Where(record =>
        record.Transaction?.Payment?.EventTime is { } time
        && time.ToDateTimeOffset().ToUnixTimeMilliseconds() < end * MillisecondsPer.Day);

    /// <summary>Fills what depends on labels, as known under one delay. Formulas may read it, so they are filled for each delay.</summary>
    private static void FillLabels(
        FeatureCatalogue catalogue, Core.Payments.Payment payment, ReadOnlySpan<EntityProfile?> profiles, DelayedLabels histories,
        int delay,
        float[] row)
    {
        for (var e = 0; e < profiles.Length; e++)
        {
            FeatureBuilder.FillLabels(catalogue, e, payment, profiles[e], histories.Of(e, delay), row);
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }
}
