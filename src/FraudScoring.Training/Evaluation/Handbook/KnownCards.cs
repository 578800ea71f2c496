namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Removes cards known as compromised from a test: they are blocked already, and detecting them again has no value.</summary>
internal static class KnownCards
{
    /// <summary>
    /// The test rows of all cards except those with a fraud in the protocol's training week, or in the delay week at least eight days
    /// before the row.
    /// </summary>
    /// <remarks>
    /// The Handbook lets a fraud become known after the delay of seven days and adds the previous day's frauds each morning, hence the
    /// eight days. The rule depends on the protocol's fixed weeks only, not on the label delay or on <c>--train-days</c>, so that every
    /// run tests on the same payments. Its day-by-day loop is equivalent to comparing each row with the first fraud of its card.
    /// </remarks>
    /// <param name="fold">The split.</param>
    /// <param name="days">Day of each row, since the Unix epoch.</param>
    /// <param name="cards">Card of each row.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <returns>Indexes of the rows, ascending.</returns>
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
