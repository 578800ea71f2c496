namespace FraudScoring.Core.Payments;

/// <summary>
/// An error in an input: its position, and what would be accepted. Never contains the value itself, which may be confidential.
/// </summary>
/// <param name="Field">Path of the field, such as "payment.amount" or "features[3].window".</param>
/// <param name="Message">What is wrong and what would be accepted.</param>
public readonly record struct Fault(string Field, string Message)
{
    /// <inheritdoc />
    public override string ToString() => $"{Field}: {Message}";
}
