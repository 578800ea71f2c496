using System.Diagnostics;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Admission;

/// <summary>
/// A request to score a payment, from its arrival to the last byte of its answer. Times are timestamps of the system clock.
/// </summary>
/// <param name="arrived">When the request arrived.</param>
/// <param name="deadline">When it must be answered.</param>
/// <param name="caller">Cancelled when the caller no longer waits.</param>
internal sealed class PaymentCall(long arrived, long deadline, CancellationToken caller)
{
    public long Arrived => arrived;

    public long Deadline => deadline;

    public bool IsCancelled => caller.IsCancellationRequested;

    /// <summary>True if the service is overloaded, so that explanations are skipped.</summary>
    public bool IsUnderPressure { get; init; }

    /// <summary>True once the payment is scored; false for every other outcome, such as a refusal.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Reports the time of an answered payment, once the answer is written.</summary>
    public void RecordTime()
    {
        if (IsAnswered)
        {
            ServerMetrics.RequestSeconds.Observe(Stopwatch.GetElapsedTime(Arrived).TotalSeconds);
        }
    }
}
