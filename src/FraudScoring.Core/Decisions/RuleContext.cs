using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>What the condition of a rule is evaluated on. Lives on the stack, so that evaluating rules allocates nothing.</summary>
/// <param name="payment">The payment.</param>
/// <param name="amount">Its amount in units of the catalogue's reference currency; NaN if it is unknown.</param>
/// <param name="row">Its features.</param>
/// <param name="score">The calibrated fraud probability; NaN if no model returned one.</param>
public readonly ref struct RuleContext(Payment payment, double amount, ReadOnlySpan<float> row, double score)
{
    /// <summary>The payment.</summary>
    public readonly Payment Payment = payment;

    /// <summary>Its amount in units of the catalogue's reference currency; NaN if it is unknown.</summary>
    public readonly double Amount = amount;

    /// <summary>Its features.</summary>
    public readonly ReadOnlySpan<float> Row = row;

    /// <summary>The calibrated fraud probability; NaN if no model returned one.</summary>
    public readonly double Score = score;
}
