using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>
/// The evaluation protocol of the "Reproducible Machine Learning for Credit Card Fraud Detection" handbook (Le Borgne, Siblini,
/// Lebichot, Bontempi): train, skip a week of delay, and test on cards not yet known as compromised.
/// </summary>
/// <remarks>
/// The label delay changes the features (how much fraud history is known) and which training payments have a label, but never the test
/// payments: otherwise results for different delays could not be compared.
/// </remarks>
/// <param name="log">Path of the event log.</param>
/// <param name="catalogue">The feature catalogue.</param>
/// <param name="rates">The exchange rates.</param>
/// <param name="book">The final labels and the span of the log.</param>
/// <param name="folds">The splits.</param>
/// <param name="trainDays">Days of training before the delay week.</param>
/// <param name="learner">The model to train.</param>
internal sealed class HandbookProtocol(
    string log, FeatureCatalogue catalogue, ExchangeRates rates, LabelBook book, IReadOnlyList<ProtocolFold> folds, int trainDays,
    ProtocolLearner learner)
{
    /// <summary>Replays the log under one label delay, for all splits together.</summary>
    public ProtocolRows Replay(LabelDelay delay, IProgress<int> progress, CancellationToken cancellation)
    {
        var from = folds.Min(fold => Math.Min(fold.WeekDay, fold.TrainDay(trainDays)));
        return ProtocolRows.Replay(log, catalogue, rates, book, delay, from, folds.Max(fold => fold.EndDay), progress, cancellation);
    }

    /// <summary>Trains and tests every split.</summary>
    /// <param name="rows">The replayed log.</param>
    /// <param name="delay">The delay the log was replayed with.</param>
    /// <param name="progress">Receives the number of splits done.</param>
    /// <param name="cancellation">Checked between trees.</param>
    /// <exception cref="InvalidDataException">Some splits have only one class to train or test on; the message lists them all.</exception>
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
            fold, train, scores,
            Array.ConvertAll(tested, row => rows.Days[row]), Array.ConvertAll(tested, row => rows.Cards[row]), test.Labels);
    }

    private void Check(ProtocolRows rows, LabelDelay delay)
    {
        var faults = new Faults();
        foreach (var fold in folds)
        {
            var train = Enumerable.Range(0, rows.Matrix.Rows).Where(row => fold.LearnsFrom(rows.TimesMs[row], trainDays, delay.Ms));
            Add("train on", fold, [.. train.Select(row => rows.Matrix.Labels[row])]);
            var tested = KnownCards.TestRows(fold, rows.Days, rows.Cards, rows.Matrix.Labels);
            Add("test on", fold, [.. tested.Select(row => rows.Matrix.Labels[row])]);
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
                    $"{labels.Length} payments to {what}, {frauds} of them frauds; both classes are needed");
            }
        }
    }
}
