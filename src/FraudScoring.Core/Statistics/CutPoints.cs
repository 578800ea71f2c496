namespace FraudScoring.Core.Statistics;

/// <summary>
/// Where scored rows can be cut, from the highest score down: cut c has the c highest distinct scores above it. Holds sums over the rows
/// above each cut, so that the cost of any three cuts is a few additions.
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
    /// <param name="costs">What each action costs, one per score.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a score is not from 0 to 1.</exception>
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

    /// <summary>The last cut, which has all rows above it.</summary>
    public int Count => _scores.Length;

    /// <summary>The first cut: 0, unless there are rows of score 1, which no threshold passes.</summary>
    public int First => _scores[0] >= 1 ? 1 : 0;

    /// <summary>How many rows are above a cut.</summary>
    public long RowsAbove(int cut) => _rows[cut];

    /// <summary>The total cost when rows above the cuts are declined, challenged, reviewed, and the others approved.</summary>
    public double Cost(int decline, int challenge, int review) => _approve[Count] + OfDecline(decline) + OfChallenge(challenge) + OfReview(review);

    /// <summary>The threshold of a cut: between the scores on both sides, so that no rounding moves a row across it.</summary>
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
        var middle = Math.Round((_scores[cut - 1] + _scores[cut]) / 2, 6);
        return middle > _scores[cut] && middle <= _scores[cut - 1] ? middle : _scores[cut - 1];
    }

    /// <summary>What it adds to the total that rows above a cut are declined rather than challenged.</summary>
    internal double OfDecline(int cut) => _decline[cut] - _challenge[cut];

    /// <summary>What it adds that rows above a cut are challenged rather than reviewed.</summary>
    internal double OfChallenge(int cut) => _challenge[cut] - _review[cut];

    /// <summary>What it adds that rows above a cut are reviewed rather than approved.</summary>
    internal double OfReview(int cut) => _review[cut] - _approve[cut];
}

/// <summary>Three cuts of one segment's rows.</summary>
/// <param name="Decline">Rows above it are declined.</param>
/// <param name="Challenge">Rows above it, and below the first, are challenged.</param>
/// <param name="Review">Rows above it, and below the second, are reviewed.</param>
/// <param name="Cost">Total cost.</param>
/// <param name="Reviews">Rows that are reviewed.</param>
public readonly record struct ChosenCuts(int Decline, int Challenge, int Review, double Cost, long Reviews);
