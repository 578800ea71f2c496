namespace FraudScoring.Core.Statistics;

/// <summary>
/// The positions at which scored rows can be cut, from the highest score down: cut c has the c highest distinct scores above it. Holds sums
/// over the rows above each cut, so that the cost of any three cuts takes a few additions instead of a pass over the rows.
/// </summary>
public sealed class CutPoints
{
    private readonly double[] _scores;
    private readonly double[] _approve;
    private readonly double[] _review;
    private readonly double[] _challenge;
    private readonly double[] _decline;
    private readonly long[] _rows;

    /// <param name="scores">Probabilities, in any order.</param>
    /// <param name="costs">The cost of each action, one per score.</param>
    /// <exception cref="ArgumentException">Lengths differ, there are no scores, or a score is outside 0 to 1.</exception>
    public CutPoints(ReadOnlySpan<double> scores, ReadOnlySpan<ActionCosts> costs)
    {
        ScoredRows.CheckProbabilities(scores, new bool[costs.Length]);
        var (sorted, sortedCosts) = (scores.ToArray(), costs.ToArray());
        Array.Sort(sorted, sortedCosts);
        Array.Reverse(sorted);
        Array.Reverse(sortedCosts);
        _scores = [.. sorted.Distinct()];
        (_approve, _review, _challenge, _decline) = (New(), New(), New(), New());
        _rows = new long[Count + 1];
        for (int row = 0, cut = 0; row < sorted.Length; row++)
        {
            if (row == 0 || sorted[row] != sorted[row - 1])
            {
                cut++;
                (_approve[cut], _review[cut], _challenge[cut], _decline[cut]) =
                    (_approve[cut - 1], _review[cut - 1], _challenge[cut - 1], _decline[cut - 1]);
            }
            _approve[cut] += sortedCosts[row].Approve;
            _review[cut] += sortedCosts[row].Review;
            _challenge[cut] += sortedCosts[row].Challenge;
            _decline[cut] += sortedCosts[row].Decline;
            _rows[cut] = row + 1;
        }

        double[] New() => new double[_scores.Length + 1];
    }

    /// <summary>Index of the last cut, which has all rows above it.</summary>
    public int Count => _scores.Length;

    /// <summary>Index of the first cut: 0, or 1 if there are rows with score 1, which every threshold includes.</summary>
    public int First => _scores[0] >= 1 ? 1 : 0;

    /// <summary>Number of rows above a cut.</summary>
    public long RowsAbove(int cut) => _rows[cut];

    /// <summary>The total cost if rows above the cuts are declined, challenged or reviewed, and all others approved.</summary>
    public double Cost(int decline, int challenge, int review) =>
        _approve[Count] + OfDecline(decline) + OfChallenge(challenge) + OfReview(review);

    /// <summary>The threshold of a cut: halfway between the scores on both sides, so that rounding does not move a row across it.</summary>
    public double ThresholdOf(int cut)
    {
        if (cut == Count)
        {
            return 0;
        }
        if (cut == 0)
        {
            return 1;
        }
        // Six digits, for those who read the plan. If they do not separate the scores, the upper one serves: equality reaches a threshold.
        var middle = Math.Round((_scores[cut - 1] + _scores[cut]) / 2, 6);
        return middle > _scores[cut] && middle <= _scores[cut - 1] ? middle : _scores[cut - 1];
    }

    /// <summary>Change of the total cost if rows above a cut are declined instead of challenged.</summary>
    internal double OfDecline(int cut) => _decline[cut] - _challenge[cut];

    /// <summary>Change of the total cost if rows above a cut are challenged instead of reviewed.</summary>
    internal double OfChallenge(int cut) => _challenge[cut] - _review[cut];

    /// <summary>Change of the total cost if rows above a cut are reviewed instead of approved.</summary>
    internal double OfReview(int cut) => _review[cut] - _approve[cut];
}

/// <summary>Three cuts of one segment's rows.</summary>
/// <param name="Decline">Rows above it are declined.</param>
/// <param name="Challenge">Rows above it, and below the first, are challenged.</param>
/// <param name="Review">Rows above it, and below the second, are reviewed.</param>
/// <param name="Cost">Total cost.</param>
/// <param name="Reviews">Rows that are reviewed.</param>
public readonly record struct ChosenCuts(int Decline, int Challenge, int Review, double Cost, long Reviews);
