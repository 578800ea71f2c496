using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Feature rows of the payments that the splits need, computed under one label delay.</summary>
/// <param name="Matrix">Features, and the final label of each payment whatever the delay.</param>
/// <param name="TimesMs">Time of each payment, in milliseconds since the Unix epoch.</param>
/// <param name="Days">Day of each payment, since the Unix epoch.</param>
/// <param name="Cards">Hash of each payment's card.</param>
internal sealed record ProtocolRows(TrainingMatrix Matrix, long[] TimesMs, int[] Days, long[] Cards)
{
    /// <summary>Replays a log from its beginning. Memory is used only for the days kept.</summary>
    /// <param name="log">Path of the event log.</param>
    /// <param name="catalogue">The feature catalogue.</param>
    /// <param name="rates">The exchange rates.</param>
    /// <param name="book">The final labels.</param>
    /// <param name="delay">Time from payment to label; the log's own labels are ignored.</param>
    /// <param name="from">First day to keep.</param>
    /// <param name="end">The day after the last day to keep.</param>
    /// <param name="progress">Receives the number of payments replayed.</param>
    /// <param name="cancellation">Checked between payments.</param>
    public static ProtocolRows Replay(
        string log, FeatureCatalogue catalogue, ExchangeRates rates, LabelBook book, LabelDelay delay, int from, int end,
        IProgress<int> progress, CancellationToken cancellation)
    {
        var matrix = new TrainingMatrixBuilder([.. catalogue.Features.Select(f => f.Name)]);
        var (times, cards) = (new List<long>(), new List<long>());
        var records = DelayedLabels.Relabel(EventLogReader.Read(log, progress, cancellation), book, delay, end * MillisecondsPer.Day);
        new HistoryReplay(catalogue, rates, LabelledPayments.DefaultHorizonMs).Run(records, (payment, row) =>
        {
            matrix.Add(row.Span, book.IsFraud(payment.TransactionId) ? 1 : 0);
            times.Add(payment.EventTimeMs);
            cards.Add((long)StableHash.Compute(payment.Card));
        }, from * MillisecondsPer.Day);
        return new ProtocolRows(matrix.Build(), [.. times], [.. times.Select(ProtocolFold.DayOf)], [.. cards]);
    }

    /// <summary>The training rows of a split.</summary>
    public TrainingMatrix Train(ProtocolFold fold, int days, LabelDelay delay) =>
        Matrix.Select([.. Enumerable.Range(0, Matrix.Rows).Where(row => fold.LearnsFrom(TimesMs[row], days, delay.Ms))]);
}
