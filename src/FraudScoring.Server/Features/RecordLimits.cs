using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Features;

/// <summary>Which times a record of the log may carry.</summary>
internal static class RecordLimits
{
    /// <summary>
    /// The log may be read from its beginning, so any past is right; a time ahead of the clock would end the retention of what came before,
    /// or stand in front of what is still to come.
    /// </summary>
    public static readonly PaymentLimits AnyPast = new() { MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.FromMinutes(10) };
}
