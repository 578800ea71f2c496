using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Expressions;

/// <summary>Collects the faults of one expression with their positions, at most <see cref="ExpressionLimits.Faults"/>.</summary>
internal sealed class ExpressionFaults
{
    private readonly List<(int At, string Message)> _faults = [];

    public int Count => _faults.Count;

    public bool IsFull => Count >= ExpressionLimits.Faults;

    /// <summary>Adds a fault.</summary>
    /// <param name="at">Index in the source; messages count from 1.</param>
    /// <param name="message">What is wrong and what would be accepted.</param>
    public void Add(int at, string message)
    {
        if (!IsFull)
        {
            _faults.Add((at, message));
        }
    }

    /// <summary>Reports the faults in the order of their positions.</summary>
    /// <param name="path">Path of the expression in its file.</param>
    /// <param name="faults">Receives the faults.</param>
    public void Report(string path, Faults faults) =>
        faults.AddRange(_faults.OrderBy(fault => fault.At)
            .Select(fault => new Fault(path, $"at character {fault.At + 1}: {fault.Message}")));
}
