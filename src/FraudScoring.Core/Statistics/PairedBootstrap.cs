namespace FraudScoring.Core.Statistics;

/// <summary>
/// Confidence intervals for the difference in ranking between two models: cards are repeatedly drawn with replacement, each with all of its
/// payments, and both models are measured on the same draw (Efron's percentile interval). Payments of one card are correlated; drawing
/// individual payments would make the interval too narrow. With too few cards, payments are drawn as well, and the wider interval counts:
/// <see cref="ResampledDifference.Unit"/> says which.
/// </summary>
public static class PairedBootstrap
{
    /// <summary>
    /// Differences of average precision and of the area under the ROC curve: <paramref name="challenger"/> minus
    /// <paramref name="champion"/>.
    /// </summary>
    /// <param name="challenger">Scores of one model; higher is more suspicious.</param>
    /// <param name="champion">Scores of the other model for the same payments.</param>
    /// <param name="labels">True for a fraud; frauds and legitimate payments are both required.</param>
    /// <param name="cards">Card of each payment.</param>
    /// <param name="options">Number of draws, confidence and seed.</param>
    /// <param name="progress">Receives the number of completed draws; may be null.</param>
    /// <exception cref="ArgumentException">
    /// Lengths differ, a score is NaN, there are only frauds or none, or an option is out of range.
    /// </exception>
    public static RankingDifferences Compare(
        ReadOnlySpan<double> challenger, ReadOnlySpan<double> champion, ReadOnlySpan<bool> labels, ReadOnlySpan<long> cards,
        BootstrapOptions options, IProgress<int>? progress = null)
    {
        Check(challenger, champion, labels, cards, options);
        RankingDifferences? widest = null;
        var draws = CardDraws.Create(cards, labels);
        foreach (var units in draws)
        {
            var done = widest is null ? 0 : options.Resamples;
            var differences = Compare(
                challenger, champion, labels, units, options, count => progress?.Report((done + count) / draws.Count));
            widest = widest is null ? differences : new RankingDifferences(
                Wider(widest.AveragePrecision, differences.AveragePrecision), Wider(widest.Auc, differences.Auc));
        }
        return widest!;
    }

    private static RankingDifferences Compare(
        ReadOnlySpan<double> challenger, ReadOnlySpan<double> champion, ReadOnlySpan<bool> labels, CardDraws units,
        BootstrapOptions options, Action<int> onDraw)
    {
        ResampledRanking ours = new(challenger, labels, units.Numbers), theirs = new(champion, labels, units.Numbers);
        var drawn = new int[units.Count];
        // Every unit once: the difference on the real payments, which the draws give an interval to.
        Array.Fill(drawn, 1);
        var (ourAll, theirAll) = (ours.Compute(drawn), theirs.Compute(drawn));
        var random = new RandomStream(options.Seed, RandomPurpose.Bootstrap);
        double[] precision = new double[options.Resamples], auc = new double[options.Resamples];
        for (var i = 0; i < options.Resamples;)
        {
            CardDraws.Draw(random, drawn);
            var (our, their) = (ours.Compute(drawn), theirs.Compute(drawn));
            // A draw with only one class has no metrics, and is repeated.
            // Both models see the same rows, so checking one is enough.
            if (double.IsFinite(our.AveragePrecision) && double.IsFinite(our.Auc))
            {
                (precision[i], auc[i]) = (our.AveragePrecision - their.AveragePrecision, our.Auc - their.Auc);
                i++;
                onDraw(i);
            }
        }
        return new RankingDifferences(
            ResampledDifference.Create(ourAll.AveragePrecision - theirAll.AveragePrecision, precision, options.Confidence, units.Unit),
            ResampledDifference.Create(ourAll.Auc - theirAll.Auc, auc, options.Confidence, units.Unit));
    }

    private static ResampledDifference Wider(ResampledDifference first, ResampledDifference second) =>
        second.High - second.Low > first.High - first.Low ? second : first;

    private static void Check(
        ReadOnlySpan<double> challenger, ReadOnlySpan<double> champion, ReadOnlySpan<bool> labels, ReadOnlySpan<long> cards,
        BootstrapOptions options)
    {
        ScoredRows.Check(challenger, labels);
        ScoredRows.Check(champion, labels);
        if (cards.Length != labels.Length)
        {
            throw new ArgumentException($"cards: {cards.Length} for {labels.Length} labels.", nameof(cards));
        }
        if (!labels.Contains(true) || !labels.Contains(false))
        {
            throw new ArgumentException("labels: both classes are required.", nameof(labels));
        }
        if (options.Resamples < 1 || !(options.Confidence is > 0 and < 1))
        {
            throw new ArgumentException("options: Resamples must be at least 1, and Confidence between 0 and 1.", nameof(options));
        }
    }
}

/// <summary>Options of the bootstrap.</summary>
/// <param name="Resamples">Number of draws, at least 1.</param>
/// <param name="Confidence">Share of the draws within the interval, such as 0.95.</param>
/// <param name="Seed">The same seed draws the same cards.</param>
public readonly record struct BootstrapOptions(int Resamples, double Confidence, ulong Seed);

/// <summary>The difference in ranking between two models.</summary>
/// <param name="AveragePrecision">Difference of average precision.</param>
/// <param name="Auc">Difference of the area under the ROC curve.</param>
public sealed record RankingDifferences(ResampledDifference AveragePrecision, ResampledDifference Auc);
