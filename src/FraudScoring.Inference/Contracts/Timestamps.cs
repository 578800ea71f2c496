using FraudScoring.Core.Payments;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Inference.Contracts;

/// <summary>Reads the times of messages.</summary>
public static class Timestamps
{
    /// <summary>What is wrong with a time that <see cref="TryToUnixMs"/> rejects, as the end of a sentence about its field.</summary>
    public const string Rule = "is not a time after 1970";

    /// <summary>
    /// Converts a time to milliseconds since the Unix epoch. Accepts times after 1970-01-01T00:00:00Z up to the year 9999, the limit of the
    /// protobuf type. Earlier times and the epoch itself, which an unset field would be, cannot be those of a payment.
    /// </summary>
    public static bool TryToUnixMs(Timestamp time, out long unixMs)
    {
        ArgumentNullException.ThrowIfNull(time);
        var isTime = time.Seconds is > 0 and <= 253_402_300_799 && time.Nanos is >= 0 and <= 999_999_999;
        unixMs = isTime ? (time.Seconds * MillisecondsPer.Second) + (time.Nanos / 1_000_000) : 0;
        return isTime;
    }
}
