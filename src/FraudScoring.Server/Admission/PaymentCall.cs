using System.Diagnostics;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Admission;

/// <summary>
/// A request to score a payment, from its arrival to the last byte of its answer. Times are timestamps of <see cref="Stopwatch"/>.
/// </summary>
/// <param name="arrived">When the request arrived.</param>
/// <param name="allowed">How long it may take, from then: the budget, or the caller's timeout if that is shorter.</param>
/// <param name="caller">Cancelled when the caller no longer waits.</param>
internal sealed class PaymentCall(long arrived, long allowed, CancellationToken caller)
{
    // A client that ends a call at its deadline began to count when it sent the request.
    private const int SlackShare = 10;

    public long Arrived => arrived;

    /// <summary>When it must be answered.</summary>
    public long Deadline => arrived + allowed;

    /// <summary>When the caller stops to wait, if it said so.</summary>
    public long CallerDeadline { get; init; } = long.MaxValue;

    /// <summary>When the payment was taken to be scored; null if it was not.</summary>
    public long? Taken { get; set; }

    /// <summary>True if the payment is one of a stream, which has its own limit of payments in flight, and makes its caller wait.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>True if the caller allows less time than the budget.</summary>
    public bool IsShort { get; init; }

    public bool IsCancelled => caller.IsCancellationRequested;

    /// <summary>True if requests wait so long that explanations are skipped.</summary>
    public bool IsUnderPressure { get; init; }

    /// <summary>True once the message of the payment is read.</summary>
    public bool IsRead { get; set; }

    /// <summary>True once the payment is scored; false for every other outcome, such as a refusal.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Why a call was cancelled: because its time was over, or for a reason of the caller's own.</summary>
    public RefusalReason CancelledAt(long now) => now < Deadline - (allowed / SlackShare) ? RefusalReason.Cancelled : Expired;

    /// <summary>The reason of a call whose time is over.</summary>
    public RefusalReason Expired => IsShort ? RefusalReason.CallerDeadline : RefusalReason.Expired;

    /// <summary>Reports the time of an answered payment, once the answer is written.</summary>
    public void RecordTime()
    {
        if (IsAnswered && IsCancelled)
        {
            ServerMetrics.UndeliveredAnswers.Inc();
        }
        else if (IsAnswered)
        {
            ServerMetrics.RequestSeconds.Observe(Stopwatch.GetElapsedTime(Arrived).TotalSeconds);
        }
    }
}
