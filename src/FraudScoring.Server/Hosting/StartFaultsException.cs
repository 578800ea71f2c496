using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Hosting;

/// <summary>The service cannot start; the message names every fault.</summary>
internal sealed class StartFaultsException(Faults faults)
    : Exception($"The service cannot start: {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}."
        + $"{Environment.NewLine}{string.Join(Environment.NewLine, faults.Select(fault => "  " + fault))}")
{
    /// <summary>Only the message: the faults are about the configuration, and a stack trace would bury them in the log.</summary>
    public override string ToString() => Message;
}
