namespace FraudScoring.Core.Decisions;

/// <summary>How far the same payments' probabilities move, and their decisions with them, when what the model is told of them changes.</summary>
/// <param name="Payments">Payments looked at.</param>
/// <param name="DecisionsChanged">Share of the payments that are decided otherwise.</param>
/// <param name="FlagsLost">Share of the payments flagged before that are approved after; 0 when none were flagged.</param>
/// <param name="FlagsAdded">Share of the payments approved before that are flagged after; 0 when none were approved.</param>
/// <param name="MeanMove">Mean of the absolute difference of probabilities.</param>
/// <param name="LargestMove">The largest.</param>
public sealed record ScoreMoves(int Payments, double DecisionsChanged, double FlagsLost, double FlagsAdded, double MeanMove, double LargestMove)
{
    /// <summary>Compares probabilities before and after.</summary>
    /// <param name="before">The probabilities.</param>
    /// <param name="after">The same payments' others.</param>
    /// <param name="thresholdsOf">The thresholds of the payment at a position.</param>
    /// <exception cref="ArgumentException">They are not as many, or none.</exception>
    public static ScoreMoves Compute(ReadOnlySpan<double> before, ReadOnlySpan<double> after, Func<int, Thresholds> thresholdsOf)
    {
        if (before.IsEmpty || before.Length != after.Length)
        {
            throw new ArgumentException($"after: {after.Length} for {before.Length} before; one each, at least one.", nameof(after));
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
