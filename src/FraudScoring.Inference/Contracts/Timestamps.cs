using FraudScoring.Core.Payments;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Inference.Contracts;

/// <summary>Times of messages.</summary>
public static class Timestamps
{
    /// <summary>What is wrong with a time that <see cref="TryToUnixMs"/> refuses, to end a sentence about its field.</summary>
    public const string Rule = "is not a time after 1970";

    /// <summary>
    /// A time as milliseconds since the Unix epoch. 1970 to 9999, as the protobuf type allows; a time before 1970 is no payment's.
    /// </summary>
    public static bool TryToUnixMs(Timestamp time, out long unixMs)
    {
        ArgumentNullException.ThrowIfNull(time);
        var isTime = time.Seconds is > 0 and <= 253_402_300_799 && time.Nanos is >= 0 and <= 999_999_999;
        unixMs = isTime ? (time.Seconds * MillisecondsPer.Second) + (time.Nanos / 1_000_000) : 0;
        return isTime;
    }
}
