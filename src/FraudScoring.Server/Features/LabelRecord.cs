using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Features;

/// <summary>A record of the topic of labels: what became known of a payment.</summary>
/// <remarks>
/// A label is a <see cref="LabelEvent"/> in protobuf, or the same as JSON, so that an analyst can send one from a console.
/// </remarks>
/// <param name="Position">Where it is in the log.</param>
/// <param name="Value">The record's value.</param>
/// <param name="Label">The label.</param>
/// <param name="Key">The keyed hash of its transaction, time and label.</param>
/// <param name="Entities">The entities of its transaction, when it names none itself and the transaction is known.</param>
internal sealed record LabelRecord(RecordPosition Position, byte[] Value, Label Label, EntityKey Key, EntityKey[] Entities)
{
    /// <summary>The topic's number in the profiles' offsets, as <see cref="AppliedOffsets.SourceOf"/> counts.</summary>
    public const int TopicNumber = 1;

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    /// <summary>Parses a record's value.</summary>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="keys">Hashes the label.</param>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    public static LabelRecord? Parse(RecordPosition position, byte[]? value, ProfileKeys keys, long nowMs, Faults faults)
    {
        if (value is null || !TryParse(value, out var message))
        {
            faults.Add("value", "is not a fraud.scoring.v1.LabelEvent in protobuf or JSON");
            return null;
        }
        return PaymentReader.Parse(message, RecordLimits.AnyPast, nowMs, faults) is { } label
            ? new LabelRecord(position, value, label, keys.HashLabel(label), [])
            : null;
    }

    /// <summary>Parses the value that a parked label came with. Null when it is invalid, as the clock may make it.</summary>
    public static LabelRecord? Parse(ParkedLabel parked, ProfileKeys keys, long nowMs) =>
        Parse(new RecordPosition(AppliedOffsets.SourceOf(TopicNumber, parked.Partition), parked.Offset), parked.Value, keys, nowMs, []);

    private static bool TryParse(byte[] value, out LabelEvent message)
    {
        message = new LabelEvent();
        try
        {
            // A protobuf record never begins with '{': that would be field 15, and the message has none.
            if (value is [(byte)'{', ..])
            {
                message = Json.Parse<LabelEvent>(System.Text.Encoding.UTF8.GetString(value));
                return true;
            }
            message.MergeFrom(value);
            return true;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            return false;
        }
    }
}
