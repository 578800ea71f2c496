using System.ComponentModel.DataAnnotations;
using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>Section "Streams": which Kafka records are applied.</summary>
internal sealed record StreamsOptions
{
    public const string Section = "Streams";

    /// <summary>
    /// Earliest event time and label time, in UTC, such as 2000-01-01T00:00:00Z. Earlier records go to the dead-letter topic. Not relative
    /// to the clock, so that profiles can be rebuilt from an old log.
    /// </summary>
    [UtcTime]
    public string EarliestEventTime { get; init; } = "2000-01-01T00:00:00Z";

    /// <summary>The accepted range of times in records.</summary>
    public PaymentLimits ToLimits() => RecordLimits.Since(Parse(EarliestEventTime) ?? DateTimeOffset.UnixEpoch);

    private static DateTimeOffset? Parse(string? text) => DateTimeOffset.TryParseExact(
        text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private sealed class UtcTimeAttribute() : ValidationAttribute("must be a time from 1970 on, in UTC, such as 2000-01-01T00:00:00Z")
    {
        public override bool IsValid(object? value) => Parse(value as string) >= DateTimeOffset.UnixEpoch;
    }
}
