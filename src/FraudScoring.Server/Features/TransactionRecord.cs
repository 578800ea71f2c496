using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Features;

/// <summary>A record of the topic of transactions: a payment that was made.</summary>
/// <param name="Position">Where it is in the log.</param>
/// <param name="Payment">The payment.</param>
/// <param name="Amount">The payment's amount in minor units of the reference currency; negative without an exchange rate.</param>
/// <param name="Transaction">The keyed hash of its transaction id.</param>
/// <param name="Entities">
/// The keyed hashes of its entities, in the order of the catalogue; none for one that was erased after the payment.
/// </param>
internal sealed record TransactionRecord(
    RecordPosition Position, Core.Payments.Payment Payment, long Amount, EntityKey Transaction, EntityKey[] Entities)
{
    /// <summary>The topic's number in the profiles' applied offsets; see <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public const int TopicNumber = 0;

    /// <summary>The hashes of the entities under the previous secret, while that is still read; else empty.</summary>
    public EntityKey[] PreviousEntities { get; init; } = [];

    /// <summary>
    /// Parses a record's value, a <see cref="TransactionEvent"/> in protobuf, with or without the frame of a schema registry; null if it
    /// has faults.
    /// </summary>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="keys">Hashes the payment's entities.</param>
    /// <param name="rates">Convert its amount.</param>
    /// <param name="limits">The accepted range of times.</param>
    /// <param name="nowMs">Current time, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Receives every fault.</param>
    public static TransactionRecord? Parse(
        RecordPosition position, byte[]? value, ProfileKeys keys, ExchangeRates rates, PaymentLimits limits, long nowMs, Faults faults)
    {
        if (ReadMessage(value, out var fault) is not { } message)
        {
            faults.Add("value", fault);
            return null;
        }
        if (PaymentReader.Parse(message.Payment, limits, nowMs, faults) is not { } payment)
        {
            return null;
        }
        var entities = new EntityKey[keys.Catalogue.Entities.Count];
        keys.HashHistory(payment, entities);
        EntityKey[] previous = keys.Previous is null ? [] : new EntityKey[entities.Length];
        keys.Previous?.HashEntities(payment, previous);
        return new TransactionRecord(position, payment, rates.Convert(payment), keys.HashTransaction(payment.TransactionId), entities)
        {
            PreviousEntities = previous,
        };
    }

    /// <summary>The transaction id of a record's value, without a check of the rest; null if it is not a transaction.</summary>
    public static string? ReadTransactionId(byte[]? value) => ReadMessage(value, out _)?.Payment?.TransactionId;

    private static TransactionEvent? ReadMessage(byte[]? value, out string fault)
    {
        ReadOnlySpan<byte> bytes = value;
        if (SchemaFrame.Remove(ref bytes, TransactionEvent.Descriptor) is { } broken)
        {
            fault = broken;
            return null;
        }
        fault = "is not a fraud.scoring.v1.TransactionEvent in protobuf";
        try
        {
            return value is null ? null : TransactionEvent.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
