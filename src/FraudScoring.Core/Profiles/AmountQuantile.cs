using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// Quantiles by nearest rank: the smallest amount that at least the given share of a window's amounts do not exceed. Exact while only
/// recent events count, otherwise the middle of a bucket of <see cref="AmountHistogram"/>. A tile at the edge counts by its share inside
/// the window.
/// </summary>
internal static class AmountQuantile
{
    /// <summary>Tolerance for rounding in sums of shares, relative to their total.</summary>
    private const double Slack = 1e-9;

    /// <summary>Returns the quantile in minor units; NaN if the window is empty. Allocates nothing.</summary>
    public static double Compute(EntityProfile profile, EventWindow window, double quantile, long nowMs)
    {
        if (profile.NeedsTiles(window, window.SinceMs(nowMs)))
        {
            Span<double> weights = stackalloc double[AmountHistogram.Buckets];
            weights.Clear();
            if (AddTiles(profile.Rings[window.Level], window, nowMs, weights))
            {
                AddRecent(profile.Recent, window, nowMs, weights);
                return Find(weights, quantile);
            }
        }
        return OfRecent(profile.Recent, window, quantile, nowMs);
    }

    /// <summary>
    /// Counts the recent amounts of the window that are above a multiple of the median of all recent amounts before now; NaN if there are
    /// none. Events in tiles are ignored. Allocates nothing.
    /// </summary>
    public static double CountAbove(EntityProfile profile, EventWindow window, double times, long nowMs)
    {
        // Events beyond the retention may or may not have been dropped yet, so none of them counts.
        var limit = times * Compute(profile.Recent, window.Filter, nowMs - profile.Plan.RetentionMs, nowMs, 0.5);
        if (double.IsNaN(limit))
        {
            return double.NaN;
        }
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        var count = 0;
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            count += recent[i].TimeMs < end && recent[i].Amount > limit && recent[i].Passes(window.Filter) ? 1 : 0;
        }
        return count;
    }

    private static double OfRecent(ReadOnlySpan<ProfileEvent> recent, EventWindow window, double quantile, long nowMs)
    {
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        return Compute(recent, window.Filter, since, end, quantile);
    }

    private static double Compute(ReadOnlySpan<ProfileEvent> recent, int filter, long sinceMs, long endMs, double quantile)
    {
        Span<long> amounts = stackalloc long[recent.Length];
        var count = 0;
        foreach (ref readonly var kept in recent)
        {
            if (kept.TimeMs > sinceMs && kept.TimeMs < endMs && kept.Amount >= 0 && kept.Passes(filter))
            {
                amounts[count++] = kept.Amount;
            }
        }
        if (count == 0)
        {
            return double.NaN;
        }
        // As a double, 0.07 · 100 is just above 7: without the slack, rounding up would take the eighth amount.
        return Select(amounts[..count], Math.Max(0, (int)Math.Ceiling((quantile * count) - (Slack * count)) - 1));
    }

    /// <summary>The amount that sorting would put at an index, found by partitioning (Hoare's Find) in a third of the time.</summary>
    private static long Select(Span<long> amounts, int index)
    {
        var (low, high) = (0, amounts.Length - 1);
        while (low < high)
        {
            var pivot = amounts[index];
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (amounts[left] < pivot)
                {
                    left++;
                }
                while (amounts[right] > pivot)
                {
                    right--;
                }
                if (left <= right)
                {
                    (amounts[left], amounts[right]) = (amounts[right--], amounts[left++]);
                }
            }
            low = right < index ? left : low;
            high = left > index ? right : high;
        }
        return amounts[index];
    }

    private static bool AddTiles(TileRing ring, EventWindow window, long nowMs, Span<double> weights)
    {
        var isAny = false;
        for (var i = 0; i < ring.Count; i++)
        {
            var share = window.ShareInside(ring.Level, ring[i].Number, nowMs);
            var amounts = ring.Amounts(i);
            for (var b = 0; share > 0 && b < amounts.Used; b++)
            {
                var (bucket, count) = amounts[b];
                weights[bucket] += share * count;
                isAny = true;
            }
        }
        return isAny;
    }

    private static void AddRecent(ReadOnlySpan<ProfileEvent> recent, EventWindow window, long nowMs, Span<double> weights)
    {
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            if (recent[i].TimeMs < end && recent[i].Amount >= 0 && recent[i].Passes(window.Filter))
            {
                weights[AmountHistogram.BucketOf(recent[i].Amount)]++;
            }
        }
    }

    private static double Find(ReadOnlySpan<double> weights, double quantile)
    {
        var total = 0.0;
        foreach (var weight in weights)
        {
            total += weight;
        }
        var (last, sum) = (0, 0.0);
        for (var bucket = 0; bucket < weights.Length; bucket++)
        {
            if (weights[bucket] > 0)
            {
                last = bucket;
                sum += weights[bucket];
                if (sum >= (quantile - Slack) * total)
                {
                    break;
                }
            }
        }
        return AmountHistogram.MiddleOf(last);
    }
}
