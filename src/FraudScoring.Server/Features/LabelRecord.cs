using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Features;

/// <summary>A record of the topic of labels: what an analyst says about a payment.</summary>
/// <remarks>
/// A <see cref="LabelEvent"/> in protobuf, or as JSON so that an analyst can send one from a console.
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

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    /// <summary>Parses a record's value; null if it has faults.</summary>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="keys">Hashes the label.</param>
    /// <param name="nowMs">Current time, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Receives every fault.</param>
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

    /// <summary>Parses the value of a parked label. Null if it is invalid, which a clock that was set back can cause.</summary>
    public static LabelRecord? Parse(ParkedLabel parked, ProfileKeys keys, long nowMs) =>
        Parse(new RecordPosition(AppliedOffsets.SourceOf(TopicNumber, parked.Partition), parked.Offset), parked.Value, keys, nowMs, []);

    private static bool TryParse(byte[] value, out LabelEvent message)
    {
        message = new LabelEvent();
        try
        {
            // A protobuf LabelEvent never begins with '{': that would be the tag of field 15, which it does not have.
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
