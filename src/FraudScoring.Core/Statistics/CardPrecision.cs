namespace FraudScoring.Core.Statistics;

/// <summary>
/// Card Precision@k (Dal Pozzolo et al., "Credit card fraud detection: a realistic modeling and a novel learning strategy", 2018): of the k
/// cards an investigator can call each day, the share that had a fraud that day.
/// </summary>
/// <remarks>
/// A card's score is the highest of its payments that day, and it is a hit if any of them was fraud. A card found on one day is
/// blocked: it takes no place on later days. Cards of equal score come in ascending order of their id.
/// </remarks>
public static class CardPrecision
{
    /// <summary>Precision of every day that has payments, by day ascending. Their mean is the metric.</summary>
    /// <param name="days">Day of each payment.</param>
    /// <param name="cards">Card of each payment.</param>
    /// <param name="scores">Score of each payment, higher meaning more suspicious.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="k">Cards that can be checked in a day, at least 1. Days with fewer cards are divided by k, too.</param>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or there are no payments.</exception>
    public static DayPrecision[] PerDay(
        ReadOnlySpan<int> days, ReadOnlySpan<long> cards, ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, int k)
    {
        ScoredRows.Check(scores, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (scores.IsEmpty || days.Length != scores.Length || cards.Length != scores.Length)
        {
            throw new ArgumentException(
                $"days and cards: have {days.Length} and {cards.Length} entries for {scores.Length} scores; pass at least one, and one per "
                + "score.");
        }
        var found = new HashSet<long>();
        var result = new List<DayPrecision>();
        foreach (var (day, seen) in ByDay(days, cards, scores, labels))
        {
            var hits = seen.Where(card => !found.Contains(card.Key))
                .OrderByDescending(card => card.Value.Score).ThenBy(card => card.Key)
                .Take(k).Where(card => card.Value.Fraud).Select(card => card.Key).ToList();
            found.UnionWith(hits);
            result.Add(new DayPrecision(day, (double)hits.Count / k));
        }
        return [.. result];
    }

    /// <summary>Mean precision over the days.</summary>
    /// <inheritdoc cref="PerDay"/>
    public static double Mean(
        ReadOnlySpan<int> days, ReadOnlySpan<long> cards, ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, int k) =>
        PerDay(days, cards, scores, labels, k).Average(day => day.Precision);

    /// <summary>What a perfect oracle reaches on the same payments: below 1 where a day has fewer than k cards with a fraud.</summary>
    /// <inheritdoc cref="PerDay"/>
    public static DayPrecision[] Ceiling(ReadOnlySpan<int> days, ReadOnlySpan<long> cards, ReadOnlySpan<bool> labels, int k)
    {
        var scores = new double[labels.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = labels[i] ? 1 : 0;
        }
        return PerDay(days, cards, scores, labels, k);
    }

    private static SortedDictionary<int, Dictionary<long, (double Score, bool Fraud)>> ByDay(
        ReadOnlySpan<int> days, ReadOnlySpan<long> cards, ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var byDay = new SortedDictionary<int, Dictionary<long, (double Score, bool Fraud)>>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (!byDay.TryGetValue(days[i], out var seen))
            {
                byDay.Add(days[i], seen = []);
            }
            seen[cards[i]] = seen.TryGetValue(cards[i], out var before)
                ? (Math.Max(before.Score, scores[i]), before.Fraud || labels[i])
                : (scores[i], labels[i]);
        }
        return byDay;
    }
}

/// <summary>Card precision of one day.</summary>
/// <param name="Day">The day, as given.</param>
/// <param name="Precision">Hits over k, 0 to 1.</param>
public readonly record struct DayPrecision(int Day, double Precision);
