using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Features;

/// <summary>Limits on the times of a Kafka record.</summary>
internal static class RecordLimits
{
    /// <summary>
    /// Any time from the earliest one, however long ago, since the log may be read from its beginning; and at most 10 minutes ahead of the
    /// clock: a time far in the future would expire the history before it, and would stay newer than the records that follow.
    /// </summary>
    public static PaymentLimits Since(DateTimeOffset earliest) => new()
    {
        MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.FromMinutes(10), EarliestMs = earliest.ToUnixTimeMilliseconds(),
    };
}
