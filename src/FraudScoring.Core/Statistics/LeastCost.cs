namespace FraudScoring.Core.Statistics;

/// <summary>Finds the cuts that cost least when only so many rows can be reviewed. Exact: no other cuts cost less.</summary>
public static class LeastCost
{
    /// <summary>
    /// Into how many parts the reviews that segments share are cut. With no more reviews than that, the sharing is exact too.
    /// </summary>
    public const int Portions = 1000;

    /// <summary>The cuts of one segment.</summary>
    /// <param name="points">Its rows.</param>
    /// <param name="reviews">Rows that can be reviewed.</param>
    /// <returns>Of the cheapest cuts, those with the fewest reviews.</returns>
    public static ChosenCuts Choose(CutPoints points, long reviews)
    {
        // For each challenge cut the best decline cut above it; over those, the least in the window that the reviews allow.
        var (declines, upToChallenge) = BestDeclines(points);
        var window = new int[points.Count + 1];
        var (head, tail) = (0, 0);
        ChosenCuts? best = null;
        for (var review = points.First; review <= points.Count; review++)
        {
            while (tail > head && upToChallenge[window[tail - 1]] >= upToChallenge[review])
            {
                tail--;
            }
            window[tail++] = review;
            while (points.RowsAbove(review) - points.RowsAbove(window[head]) > reviews)
            {
                head++;
            }
            var challenge = window[head];
            var cost = points.Cost(declines[challenge], challenge, review);
            var count = points.RowsAbove(review) - points.RowsAbove(challenge);
            if (best is null || cost < best.Value.Cost || (cost == best.Value.Cost && count < best.Value.Reviews))
            {
                best = new ChosenCuts(declines[challenge], challenge, review, cost, count);
            }
        }
        return best!.Value;
    }

    /// <summary>The cuts of several segments that share the reviews.</summary>
    /// <param name="segments">The rows of each.</param>
    /// <param name="reviews">Rows that can be reviewed in all.</param>
    public static ChosenCuts[] Choose(IReadOnlyList<CutPoints> segments, long reviews)
    {
        // More reviews than rows are of no use; and then no segment keeps another from any.
        reviews = Math.Min(reviews, segments.Sum(points => points.RowsAbove(points.Count)));
        var portion = Math.Max(1, (reviews + Portions - 1) / Portions);
        var portions = (int)(reviews / portion);
        var least = new double[portions + 1];
        var taken = new List<int[]>();
        foreach (var points in segments)
        {
            least = Join(least, CostByPortion(points, portion, portions), out var of);
            taken.Add(of);
        }
        var cuts = new ChosenCuts[segments.Count];
        for (int i = segments.Count - 1, left = portions; i >= 0; i--)
        {
            cuts[i] = Choose(segments[i], taken[i][left] * portion);
            left -= taken[i][left];
        }
        return cuts;
    }

    private static (int[] Declines, double[] UpToChallenge) BestDeclines(CutPoints points)
    {
        var declines = new int[points.Count + 1];
        var upToChallenge = new double[points.Count + 1];
        var best = points.First;
        for (var challenge = points.First; challenge <= points.Count; challenge++)
        {
            best = points.OfDecline(challenge) < points.OfDecline(best) ? challenge : best;
            declines[challenge] = best;
            upToChallenge[challenge] = points.OfDecline(best) + points.OfChallenge(challenge);
        }
        return (declines, upToChallenge);
    }

    private static double[] CostByPortion(CutPoints points, long portion, int portions)
    {
        var costs = new double[portions + 1];
        var unlimited = Choose(points, long.MaxValue);
        for (var i = 0; i <= portions; i++)
        {
            costs[i] = i * portion >= unlimited.Reviews ? unlimited.Cost : Choose(points, i * portion).Cost;
        }
        return costs;
    }

    /// <summary>
    /// Shares each number of portions between those before and one segment more; of equal cost, gives the segment the fewest.
    /// </summary>
    private static double[] Join(double[] before, double[] segment, out int[] taken)
    {
        var least = new double[before.Length];
        taken = new int[before.Length];
        for (var all = 0; all < least.Length; all++)
        {
            least[all] = double.PositiveInfinity;
            for (var some = 0; some <= all; some++)
            {
                var cost = before[all - some] + segment[some];
                (least[all], taken[all]) = cost < least[all] ? (cost, some) : (least[all], taken[all]);
            }
        }
        return least;
    }
}
