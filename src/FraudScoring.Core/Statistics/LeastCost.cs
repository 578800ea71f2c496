namespace FraudScoring.Core.Statistics;

/// <summary>Finds the cuts with the least total cost under a limit on reviews. Exact: no other cuts cost less.</summary>
/// <remarks>
/// The cost of three cuts is a sum of one term per cut, so the best decline cut for each challenge cut is a running minimum, and the best
/// challenge cut for each review cut is the minimum of a sliding window, because the limit on reviews is a limit on the rows between the
/// two. That takes linear time; trying all triples would take cubic time, and a search by gradient could stop at a local minimum.
/// </remarks>
public static class LeastCost
{
    /// <summary>
    /// Maximum number of portions that the shared reviews are divided into. With no more reviews than that, sharing is exact too.
    /// </summary>
    public const int Portions = 1000;

    /// <summary>Chooses the cuts of one segment.</summary>
    /// <param name="points">The rows of the segment.</param>
    /// <param name="reviews">Maximum number of reviewed rows, at least 0.</param>
    /// <returns>The cheapest cuts; of several, those with the fewest reviews.</returns>
    public static ChosenCuts Choose(CutPoints points, long reviews)
    {
        // A queue of challenge cuts with increasing cost: its head is the cheapest that the limit on reviews allows.
        var (declines, upToChallenge) = BestDeclines(points);
        var window = new int[points.Count + 1];
        var (head, tail) = (0, 0);
        ChosenCuts? best = null;
        for (var review = points.First; review <= points.Count; review++)
        {
            // Of equal costs the later cut stays, since it reviews fewer rows.
            while (tail > head && upToChallenge[window[tail - 1]] >= upToChallenge[review])
            {
                tail--;
            }
            window[tail++] = review;
            // Ends before the queue is empty: its last entry is this review cut, with no rows in between.
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

    /// <summary>Chooses the cuts of several segments that share the reviews, by dynamic programming over portions of reviews.</summary>
    /// <param name="segments">The rows of each segment.</param>
    /// <param name="reviews">Maximum number of reviewed rows in all segments, at least 0.</param>
    public static ChosenCuts[] Choose(IReadOnlyList<CutPoints> segments, long reviews)
    {
        // More reviews than rows cannot be used; with as many as rows, segments do not compete for them.
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
            // Back from the last segment: each entry says how many of the portions then left went to its segment.
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
    /// Divides each number of portions between the previous segments and one more; at equal cost, that segment gets the fewest.
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
