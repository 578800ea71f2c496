using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Expressions;

/// <summary>Collects the faults of one expression with their positions, at most <see cref="ExpressionLimits.Faults"/>.</summary>
/// <param name="path">Path of the expression in its file.</param>
/// <param name="faults">Receives the faults.</param>
internal sealed class ExpressionFaults(string path, Faults faults)
{
    public int Count { get; private set; }

    public bool IsFull => Count >= ExpressionLimits.Faults;

    /// <summary>Adds a fault.</summary>
    /// <param name="at">Index in the source; messages count from 1.</param>
    /// <param name="message">What is wrong and what would be accepted.</param>
    public void Add(int at, string message)
    {
        if (!IsFull)
        {
            faults.Add(path, $"at character {at + 1}: {message}");
            Count++;
        }
    }
}
