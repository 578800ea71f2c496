using FraudScoring.Core.Payments;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Inference.Contracts;

/// <summary>Reads the times of messages.</summary>
public static class Timestamps
{
    /// <summary>What is wrong with a time that <see cref="TryToUnixMs"/> rejects, as the end of a sentence about its field.</summary>
    public const string Rule = "is not a time after 1970";

    // Years of payments. The factors between units are so large that no two units give a time in it.
    private const long EarliestPlausible = 946_684_800, LatestPlausible = 4_102_444_800;

    /// <summary>
    /// Names the units that a sender seems to have mixed up, as the end of a sentence about the field; null if a change of units does not
    /// give a time from 2000 to 2099, or if the time is one already.
    /// </summary>
    public static string? FindMixUp(Timestamp time)
    {
        ArgumentNullException.ThrowIfNull(time);
        // 128 bits, because milliseconds in the place of seconds exceed 64 bits as nanoseconds.
        var nanos = ((Int128)time.Seconds * 1_000_000_000) + time.Nanos;
        return IsPlausible(nanos) ? null
            : IsPlausible(nanos * 1_000) ? "looks like seconds that were sent as milliseconds"
            : IsPlausible(nanos * 1_000_000) ? "looks like seconds that were sent as microseconds"
            : IsPlausible(nanos / 1_000) ? "looks like milliseconds that were sent as seconds"
            : IsPlausible(nanos / 1_000_000) ? "looks like microseconds that were sent as seconds"
            : IsPlausible(nanos / 1_000_000_000) ? "looks like nanoseconds that were sent as seconds"
            : null;
    }

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

    private static bool IsPlausible(Int128 nanos) =>
        nanos >= (Int128)EarliestPlausible * 1_000_000_000 && nanos < (Int128)LatestPlausible * 1_000_000_000;
}
