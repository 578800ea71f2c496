using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>
/// The protocol of the "Reproducible Machine Learning for Credit Card Fraud Detection" handbook (Le Borgne, Siblini, Lebichot, Bontempi):
/// learn, leave out the delay, test on cards that are not known as compromised. Labels come after a delay of one's choice; what is
/// tested on is the same whatever that is.
/// </summary>
/// <param name="log">The event log.</param>
/// <param name="catalogue">The features.</param>
/// <param name="book">The truth and the log's span.</param>
/// <param name="folds">The splits.</param>
/// <param name="trainDays">Days to learn from, before the delay.</param>
/// <param name="learner">What learns.</param>
internal sealed class HandbookProtocol(
    string log, FeatureCatalogue catalogue, LabelBook book, IReadOnlyList<ProtocolFold> folds, int trainDays, ProtocolLearner learner)
{
    /// <summary>Replays the log for one delay.</summary>
    public ProtocolRows Replay(LabelDelay delay, IProgress<int> progress, CancellationToken cancellation)
    {
        var from = folds.Min(fold => Math.Min(fold.WeekDay, fold.TrainDay(trainDays)));
        return ProtocolRows.Replay(log, catalogue, book, delay, from, folds.Max(fold => fold.EndDay), progress, cancellation);
    }

    /// <summary>Learns and tests every split.</summary>
    /// <param name="rows">The replayed log.</param>
    /// <param name="delay">The delay it was replayed with.</param>
    /// <param name="progress">Told the number of splits that are done.</param>
    /// <param name="cancellation">Looked at between trees.</param>
    /// <exception cref="InvalidDataException">A split has no frauds, or nothing else; all such are named.</exception>
    public DelayResult Evaluate(ProtocolRows rows, LabelDelay delay, IProgress<int> progress, CancellationToken cancellation)
    {
        Check(rows, delay);
        var results = new List<ProtocolFoldResult>();
        foreach (var fold in folds)
        {
            results.Add(Evaluate(fold, rows, delay, cancellation));
            progress.Report(results.Count);
        }
        return new DelayResult(delay, results);
    }

    private ProtocolFoldResult Evaluate(ProtocolFold fold, ProtocolRows rows, LabelDelay delay, CancellationToken cancellation)
    {
        var train = rows.Train(fold, trainDays, delay);
        var tested = KnownCards.TestRows(fold, rows.Days, rows.Cards, rows.Matrix.Labels);
        var test = rows.Matrix.Select(tested);
        var scores = learner.Score(train, test, cancellation);
        return ProtocolFoldResult.Create(
            fold, train, scores, Array.ConvertAll(tested, row => rows.Days[row]), Array.ConvertAll(tested, row => rows.Cards[row]), test.Labels);
    }

    private void Check(ProtocolRows rows, LabelDelay delay)
    {
        var faults = new Faults();
        foreach (var fold in folds)
        {
            var train = Enumerable.Range(0, rows.Matrix.Rows).Where(row => fold.LearnsFrom(rows.TimesMs[row], trainDays, delay.Ms));
            Add("learn from", fold, [.. train.Select(row => rows.Matrix.Labels[row])]);
            Add("test on", fold, [.. KnownCards.TestRows(fold, rows.Days, rows.Cards, rows.Matrix.Labels).Select(row => rows.Matrix.Labels[row])]);
        }
        if (faults.Count > 0)
        {
            throw new InvalidDataException($"labels after {delay}: {faults}");
        }

        void Add(string what, ProtocolFold fold, float[] labels)
        {
            var frauds = labels.Count(label => label > 0);
            if (frauds == 0 || frauds == labels.Length)
            {
                faults.Add($"test of {ProtocolFold.Date(fold.TestDay)}",
                    $"{labels.Length} payments to {what}, {frauds} frauds; both classes are needed");
            }
        }
    }
}
