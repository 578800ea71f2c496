using System.Diagnostics.CodeAnalysis;
using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Features;

/// <summary>A record of the topic of labels: what an analyst says about a payment.</summary>
/// <remarks>
/// A <see cref="LabelEvent"/> in protobuf, or as JSON so that an analyst can send one from a console; either may have the frame of a schema
/// registry.
/// </remarks>
/// <param name="Position">Where it is in the log.</param>
/// <param name="Value">The record's value.</param>
/// <param name="Label">The label.</param>
/// <param name="Key">The keyed hash of its transaction, time and label.</param>
/// <param name="Entities">The entities of its transaction if the label has no tokens and the transaction is known; else empty.</param>
internal sealed record LabelRecord(RecordPosition Position, byte[] Value, Label Label, EntityKey Key, EntityKey[] Entities)
{
    /// <summary>The topic's number in the profiles' applied offsets; see <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public const int TopicNumber = 1;

    /// <summary>The same entities under the previous secret, if there was one when the transaction was claimed; else empty.</summary>
    public EntityKey[] PreviousEntities { get; init; } = [];

    private const string NotALabel = "is not a fraud.scoring.v1.LabelEvent in protobuf or JSON";

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    /// <summary>Parses a record's value; null if it has faults.</summary>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="keys">Hashes the label.</param>
    /// <param name="limits">The accepted range of times.</param>
    /// <param name="nowMs">Current time, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Receives every fault.</param>
    public static LabelRecord? Parse(
        RecordPosition position, byte[]? value, ProfileKeys keys, PaymentLimits limits, long nowMs, Faults faults)
    {
        if (ReadMessage(value, out var fault) is not { } message)
        {
            faults.Add("value", fault);
            return null;
        }
        return PaymentReader.Parse(message, limits, nowMs, faults) is { } label
            ? new LabelRecord(position, value!, label, keys.HashLabel(label), [])
            : null;
    }

    /// <summary>
    /// Parses the value of a parked label. It was valid when it was parked, so only its times are not checked again: a clock that was set
    /// back would make them invalid.
    /// </summary>
    public static LabelRecord? Parse(ParkedLabel parked, ProfileKeys keys) => Parse(
        new RecordPosition(AppliedOffsets.SourceOf(TopicNumber, parked.Partition), parked.Offset), parked.Value, keys,
        PaymentLimits.AnyTime, 0, []);

    private static LabelEvent? ReadMessage(byte[]? record, out string fault)
    {
        fault = NotALabel;
        if (record is null)
        {
            return null;
        }
        ReadOnlySpan<byte> value = record;
        // JSON first: with a blank in front, its first bytes could also be those of a protobuf text, but the reverse is never valid JSON.
        if (LooksLikeJson(SchemaFrame.IsFramed(value) ? SchemaFrame.Content(value) : value, out var json)
            && TryParseJson(json, out var message))
        {
            return message;
        }
        if (SchemaFrame.Remove(ref value, LabelEvent.Descriptor) is { } broken)
        {
            fault = broken;
            return null;
        }
        return TryParse(value, out message) ? message : null;
    }

    /// <summary>True if an object begins after a byte order mark and blanks, which editors and shells put in front.</summary>
    private static bool LooksLikeJson(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> json)
    {
        json = value.StartsWith(Encoding.UTF8.Preamble) ? value[Encoding.UTF8.Preamble.Length..] : value;
        json = json.TrimStart(" \t\r\n"u8);
        return json is [(byte)'{', ..];
    }

    private static bool TryParseJson(ReadOnlySpan<byte> json, [NotNullWhen(true)] out LabelEvent? message)
    {
        try
        {
            message = Json.Parse<LabelEvent>(Encoding.UTF8.GetString(json));
            return true;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            message = null;
            return false;
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> value, [NotNullWhen(true)] out LabelEvent? message)
    {
        try
        {
            message = LabelEvent.Parser.ParseFrom(value);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }
}
