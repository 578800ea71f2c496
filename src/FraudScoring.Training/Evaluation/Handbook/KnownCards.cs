namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Cards that are known as compromised are left out of a test: they are blocked, and to find them again is worth nothing.</summary>
internal static class KnownCards
{
    /// <summary>
    /// The test's rows without them: cards with a fraud in the protocol's training week, and for each day of the test also those with a
    /// fraud on the day that lies a week and a day before it, or earlier in the delay's week.
    /// </summary>
    /// <param name="fold">The split.</param>
    /// <param name="days">Day of each row.</param>
    /// <param name="cards">Card of each row.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <returns>Positions, in the rows' order.</returns>
    public static int[] TestRows(ProtocolFold fold, ReadOnlySpan<int> days, ReadOnlySpan<long> cards, ReadOnlySpan<float> labels)
    {
        var firstFraud = new Dictionary<long, int>();
        for (var row = 0; row < days.Length; row++)
        {
            if (labels[row] > 0 && days[row] >= fold.WeekDay && days[row] < fold.TestDay)
            {
                firstFraud[cards[row]] = Math.Min(days[row], firstFraud.GetValueOrDefault(cards[row], int.MaxValue));
            }
        }
        var rows = new List<int>();
        for (var row = 0; row < days.Length; row++)
        {
            if (days[row] >= fold.TestDay && days[row] < fold.EndDay
                && firstFraud.GetValueOrDefault(cards[row], int.MaxValue) > days[row] - ProtocolFold.Week - 1)
            {
                rows.Add(row);
            }
        }
        return [.. rows];
    }
}
