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
    /// <summary>Replays the log once, for all label delays and splits together.</summary>
    /// <param name="delays">The delays, each given once.</param>
    /// <param name="progress">Receives the number of payments replayed.</param>
    /// <param name="cancellation">Checked between payments.</param>
    /// <exception cref="InvalidDataException">Some splits have only one class to train or test on; the message lists them all.</exception>
    public ProtocolRows Replay(IReadOnlyList<LabelDelay> delays, IProgress<int> progress, CancellationToken cancellation)
    {
        var from = folds.Min(fold => Math.Min(fold.WeekDay, fold.TrainDay(trainDays)));
        var rows = ProtocolRows.Replay(
            log, catalogue, rates, book, delays, from, folds.Max(fold => fold.EndDay), progress, cancellation);
        Check(rows, delays);
        return rows;
    }

    /// <summary>Trains and tests every split.</summary>
    /// <param name="rows">The replayed log.</param>
    /// <param name="delay">One of the delays the log was replayed with.</param>
    /// <param name="progress">Receives the number of splits done.</param>
    /// <param name="cancellation">Checked between trees.</param>
    public DelayResult Evaluate(ProtocolRows rows, LabelDelay delay, IProgress<int> progress, CancellationToken cancellation)
    {
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
        var train = rows.Select(rows.TrainRows(fold, trainDays, delay), delay);
        var tested = KnownCards.TestRows(fold, rows.Days, rows.Cards, rows.Labels);
        var test = rows.Select(tested, delay);
        var scores = learner.Score(train, test, cancellation);
        return ProtocolFoldResult.Create(
            fold, train, scores,
            Array.ConvertAll(tested, row => rows.Days[row]), Array.ConvertAll(tested, row => rows.Cards[row]), test.Labels);
    }

    /// <summary>Checks all splits before the first training. The test payments are the same under every delay.</summary>
    private void Check(ProtocolRows rows, IReadOnlyList<LabelDelay> delays)
    {
        var faults = new Faults();
        foreach (var fold in folds)
        {
            var test = $"test of {ProtocolFold.Date(fold.TestDay)}";
            foreach (var delay in delays)
            {
                Check($"{test}, labels after {delay}", "train on", rows.TrainRows(fold, trainDays, delay));
            }
            Check(test, "test on", KnownCards.TestRows(fold, rows.Days, rows.Cards, rows.Labels));
        }
        if (faults.Count > 0)
        {
            throw new InvalidDataException(faults.ToString());
        }

        void Check(string name, string what, int[] payments)
        {
            var frauds = payments.Count(payment => rows.Labels[payment] > 0);
            if (frauds == 0 || frauds == payments.Length)
            {
                faults.Add(name, $"{payments.Length} payments to {what}, {frauds} of them frauds; both classes are needed");
            }
        }
    }
}
