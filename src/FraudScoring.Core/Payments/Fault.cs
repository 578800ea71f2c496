namespace FraudScoring.Core.Payments;

/// <summary>One thing that is wrong with an input: where it is, and what would be right. Never holds the value itself.</summary>
/// <param name="Field">Path of the field, such as "payment.amount" or "features[3].window".</param>
/// <param name="Message">What is wrong and what would be accepted.</param>
public readonly record struct Fault(string Field, string Message)
{
    /// <inheritdoc />
    public override string ToString() => $"{Field}: {Message}";
}
