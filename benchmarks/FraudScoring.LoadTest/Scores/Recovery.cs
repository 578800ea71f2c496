namespace FraudScoring.LoadTest.Scores;

/// <summary>How a load goes on after its rate has dropped.</summary>
internal static class Recovery
{
    private const int WindowSlots = Tally.SlotsPerSecond / 2;
    private const double GoodShare = 0.95;

    /// <summary>The slots from a time on, in seconds since the start.</summary>
    public static IEnumerable<TimeSlot> After(IReadOnlyList<TimeSlot> slots, double seconds) =>
        slots.Skip((int)(seconds * Tally.SlotsPerSecond));

    /// <summary>
    /// Seconds from the drop until at least 95 % of the payments of every later half second are scored in time; NaN if that is not the
    /// case at the end.
    /// </summary>
    public static double Seconds(IReadOnlyList<TimeSlot> slots, double dropSeconds)
    {
        var windows = After(slots, dropSeconds).Chunk(WindowSlots)
            .Where(window => window.Sum(slot => slot.Offered) > 0)
            .Select(window => window.Sum(slot => slot.Good) >= GoodShare * window.Sum(slot => slot.Offered)).ToList();
        var recovered = windows.FindLastIndex(isGood => !isGood) + 1;
        return recovered == windows.Count ? double.NaN : recovered * WindowSlots / (double)Tally.SlotsPerSecond;
    }
}
