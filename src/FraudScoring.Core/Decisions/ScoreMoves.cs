namespace FraudScoring.Core.Decisions;

/// <summary>How much the probabilities and decisions of the same payments move when the input of the model changes.</summary>
/// <param name="Payments">Number of payments compared.</param>
/// <param name="DecisionsChanged">Share of the payments whose decision changes.</param>
/// <param name="FlagsLost">Share of the payments flagged before that are approved after; 0 if none were flagged.</param>
/// <param name="FlagsAdded">Share of the payments approved before that are flagged after; 0 if none were approved.</param>
/// <param name="MeanMove">Mean absolute difference of probabilities.</param>
/// <param name="LargestMove">Largest absolute difference of probabilities.</param>
public sealed record ScoreMoves(
    int Payments, double DecisionsChanged, double FlagsLost, double FlagsAdded, double MeanMove, double LargestMove)
{
    /// <summary>Compares probabilities before and after the change.</summary>
    /// <param name="before">Probabilities before.</param>
    /// <param name="after">Probabilities of the same payments after.</param>
    /// <param name="thresholdsOf">Returns the thresholds of the payment at an index.</param>
    /// <exception cref="ArgumentException">Lengths differ, or there are no payments.</exception>
    public static ScoreMoves Compute(ReadOnlySpan<double> before, ReadOnlySpan<double> after, Func<int, Thresholds> thresholdsOf)
    {
        if (before.IsEmpty || before.Length != after.Length)
        {
            throw new ArgumentException(
                $"There are {before.Length} probabilities before and {after.Length} after; pass the same number of each, at least one.",
                nameof(after));
        }
        int changed = 0, flagged = 0, lost = 0, added = 0;
        var (sum, largest) = (0.0, 0.0);
        for (var i = 0; i < before.Length; i++)
        {
            var thresholds = thresholdsOf(i);
            var (was, now) = (thresholds.Decide(before[i]), thresholds.Decide(after[i]));
            changed += was == now ? 0 : 1;
            flagged += was == Decision.Approve ? 0 : 1;
            lost += was != Decision.Approve && now == Decision.Approve ? 1 : 0;
            added += was == Decision.Approve && now != Decision.Approve ? 1 : 0;
            var move = Math.Abs(after[i] - before[i]);
            (sum, largest) = (sum + move, Math.Max(largest, move));
        }
        return new ScoreMoves(before.Length, (double)changed / before.Length, (double)lost / Math.Max(1, flagged),
            (double)added / Math.Max(1, before.Length - flagged), sum / before.Length, largest);
    }
}
