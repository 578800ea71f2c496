using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>The rows of the days that a protocol needs, as they were when labels came after one delay.</summary>
/// <param name="Matrix">Features, and the truth as labels.</param>
/// <param name="TimesMs">When each payment was made.</param>
/// <param name="Days">The day of each.</param>
/// <param name="Cards">Hash of each payment's card.</param>
internal sealed record ProtocolRows(TrainingMatrix Matrix, long[] TimesMs, int[] Days, long[] Cards)
{

    /// <summary>Replays a log from its beginning; only the days from the first training to the last test take memory.</summary>
    /// <param name="log">The event log.</param>
    /// <param name="catalogue">What to compute.</param>
    /// <param name="book">The truth.</param>
    /// <param name="delay">When labels come; those of the log are passed over.</param>
    /// <param name="from">First day that is kept.</param>
    /// <param name="end">The day behind the last.</param>
    /// <param name="progress">Told the number of payments replayed.</param>
    /// <param name="cancellation">Looked at between payments.</param>
    public static ProtocolRows Replay(
        string log, FeatureCatalogue catalogue, LabelBook book, LabelDelay delay, int from, int end, IProgress<int> progress, CancellationToken cancellation)
    {
        var matrix = new TrainingMatrixBuilder([.. catalogue.Features.Select(f => f.Name)]);
        var (times, cards) = (new List<long>(), new List<long>());
        var records = DelayedLabels.Relabel(EventLogReader.Read(log, progress, cancellation), book, delay, end * MillisecondsPer.Day);
        new HistoryReplay(catalogue).Run(records, (payment, row) =>
        {
            matrix.Add(row.Span, book.IsFraud(payment.TransactionId) ? 1 : 0);
            times.Add(payment.EventTimeMs);
            cards.Add((long)StableHash.Compute(payment.Card));
        }, from * MillisecondsPer.Day);
        return new ProtocolRows(matrix.Build(), [.. times], [.. times.Select(ProtocolFold.DayOf)], [.. cards]);
    }

    /// <summary>The rows a split learns from.</summary>
    public TrainingMatrix Train(ProtocolFold fold, int days, LabelDelay delay) =>
        Matrix.Select([.. Enumerable.Range(0, Matrix.Rows).Where(row => fold.LearnsFrom(TimesMs[row], days, delay.Ms))]);
}
