using System.Buffers;
using System.Net;
using System.Net.Sockets;
using FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Contracts;

/// <summary>Checks the fields of a message and collects every fault.</summary>
/// <param name="prefix">Path of the message, put before each field name.</param>
/// <param name="faults">Receives the faults; may already hold faults of other messages.</param>
internal readonly ref struct FieldChecks(string prefix, Faults faults)
{
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl)]);

    // No brackets, ports or zones: the framework's parser accepts and drops them.
    private static readonly SearchValues<char> AddressLetters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private readonly int _before = faults.Count;

    /// <summary>True when any field of this message is faulty.</summary>
    public bool AnyFailed => faults.Count > _before;

    public void Fault(string field, string message) => faults.Add(prefix + field, message);

    /// <summary>An id: required, at most 64 printable characters.</summary>
    public string Id(string field, string text)
    {
        if (text.Length == 0)
        {
            Fault(field, "is required");
        }
        return Printable(field, text);
    }

    /// <summary>An optional token, which must not be a card number.</summary>
    public string? Token(string field, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        if (CardNumber.Matches(text))
        {
            Fault(field, "looks like a card number (12 to 19 digits that pass the Luhn check, in any spelling); send a token");
        }
        return Printable(field, text);
    }

    /// <summary>An IP address in canonical form, or null when missing.</summary>
    public string? Ip(string field, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        var plausible = text.Length <= PaymentLimits.AddressLength && !text.AsSpan().ContainsAnyExcept(AddressLetters)
            && (text.Contains(':') || text.AsSpan().Count('.') == 3);
        if (plausible && IPAddress.TryParse(text, out var address))
        {
            if (address.AddressFamily != AddressFamily.InterNetwork)
            {
                return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
            }
            Span<char> canonical = stackalloc char[15];
            // 010.0.0.1 is 8.0.0.1 to some parsers and 10.0.0.1 to others, so it identifies nobody: canonical form only.
            if (address.TryFormat(canonical, out var length) && text.AsSpan().SequenceEqual(canonical[..length]))
            {
                return text;
            }
        }
        Fault(field, "is not an IPv4 or IPv6 address; send it without brackets, port, zone or leading zeros, or leave it empty");
        return null;
    }

    /// <summary>A time in milliseconds since the Unix epoch, within the limits around the current time.</summary>
    public long Time(string field, Google.Protobuf.WellKnownTypes.Timestamp? time, PaymentLimits limits, long nowMs)
    {
        if (time is null)
        {
            Fault(field, "is required");
            return 0;
        }
        if (!Timestamps.TryToUnixMs(time, out var ms))
        {
            TimeFault(field, Timestamps.Rule, time);
            return 0;
        }
        if (ms < limits.EarliestMs)
        {
            TimeFault(field, $"is before {DateTimeOffset.FromUnixTimeMilliseconds(limits.EarliestMs):yyyy-MM-dd'T'HH:mm:ss'Z'}, the "
                + "earliest time accepted (Streams:EarliestEventTime)", time);
        }
        if (limits.MaxEventAge != TimeSpan.MaxValue && ms < nowMs - limits.MaxEventAge.TotalMilliseconds)
        {
            TimeFault(field, $"is more than {limits.MaxEventAge.TotalHours:0.#} hours in the past", time);
        }
        if (limits.MaxEventAhead != TimeSpan.MaxValue && ms > nowMs + limits.MaxEventAhead.TotalMilliseconds)
        {
            TimeFault(field, $"is more than {limits.MaxEventAhead.TotalSeconds:0} s in the future; check the sender's clock", time);
        }
        return ms;
    }

    /// <summary>A text of at most 64 printable characters, possibly empty.</summary>
    public string Printable(string field, string text)
    {
        if (text.Length > PaymentLimits.TokenLength)
        {
            Fault(field, $"has {text.Length} characters; at most {PaymentLimits.TokenLength} are allowed");
        }
        else if (HasControls(text))
        {
            Fault(field, "contains control characters; remove them");
        }
        else if (text.Length > 0 && string.IsNullOrWhiteSpace(text))
        {
            Fault(field, "must not consist of spaces alone");
        }
        return text;
    }

    // Mixed-up units are the usual cause of such times, and hard to see from the time that results.
    private void TimeFault(string field, string message, Google.Protobuf.WellKnownTypes.Timestamp time) =>
        Fault(field, Timestamps.FindMixUp(time) is { } mixUp ? $"{message}; it {mixUp}" : message);

    public static bool HasControls(string text) => text.AsSpan().ContainsAny(Controls);
}
