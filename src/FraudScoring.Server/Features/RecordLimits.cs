using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Features;

/// <summary>Limits on the event time of a Kafka record.</summary>
internal static class RecordLimits
{
    /// <summary>
    /// Any time in the past, since the log may be read from its beginning, and at most 10 minutes ahead of the clock: a time far in the
    /// future would expire the history before it, and would stay newer than the records that follow.
    /// </summary>
    public static readonly PaymentLimits AnyPast = new() { MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.FromMinutes(10) };
}
