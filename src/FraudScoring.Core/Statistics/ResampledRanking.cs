namespace FraudScoring.Core.Statistics;

/// <summary>
/// Rows sorted by score once, so that average precision and the area under the ROC curve of any resample of their cards are one pass.
/// Equal to <see cref="RankingMetrics"/> over rows repeated as often as their card was drawn.
/// </summary>
internal sealed class ResampledRanking
{
    private readonly int[] _cards;
    private readonly bool[] _labels;
    private readonly bool[] _endsStep;

    /// <param name="scores">Scores, higher meaning more suspicious.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="cards">Number of each row's card, from 0.</param>
    public ResampledRanking(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, ReadOnlySpan<int> cards)
    {
        var sorted = new double[scores.Length];
        var order = new int[scores.Length];
        for (var i = 0; i < order.Length; i++)
        {
            (order[i], sorted[i]) = (i, -scores[i]);
        }
        Array.Sort(sorted, order);
        (_cards, _labels, _endsStep) = (new int[order.Length], new bool[order.Length], new bool[order.Length]);
        for (var i = 0; i < order.Length; i++)
        {
            (_cards[i], _labels[i]) = (cards[order[i]], labels[order[i]]);
            _endsStep[i] = i == order.Length - 1 || sorted[i] != sorted[i + 1];
        }
    }

    /// <summary>Both metrics when each card counts as often as it was drawn; NaN when only one class was.</summary>
    public (double AveragePrecision, double Auc) Compute(ReadOnlySpan<int> drawn)
    {
        var (precisions, area) = (0.0, 0.0);
        long found = 0, flagged = 0, positives = 0, negatives = 0;
        for (var i = 0; i < _cards.Length; i++)
        {
            var weight = drawn[_cards[i]];
            positives += _labels[i] ? weight : 0;
            negatives += _labels[i] ? 0 : weight;
            if (_endsStep[i] && positives + negatives > 0)
            {
                area += negatives * (found + (positives / 2.0));
                found += positives;
                flagged += positives + negatives;
                precisions += positives * ((double)found / flagged);
                (positives, negatives) = (0, 0);
            }
        }
        return (precisions / found, area / ((double)found * (flagged - found)));
    }
}
