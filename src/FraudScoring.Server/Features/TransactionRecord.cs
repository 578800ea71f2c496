using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Features;

/// <summary>A record of the topic of transactions: a payment that was made.</summary>
/// <param name="Position">Where it is in the log.</param>
/// <param name="Payment">The payment.</param>
/// <param name="Amount">The payment's amount in minor units of the reference currency.</param>
/// <param name="Transaction">The keyed hash of its transaction id.</param>
/// <param name="Entities">The keyed hashes of its entities, in the order of the catalogue.</param>
internal sealed record TransactionRecord(
    RecordPosition Position, Core.Payments.Payment Payment, long Amount, EntityKey Transaction, EntityKey[] Entities)
{
    /// <summary>The topic's number in the profiles' applied offsets; see <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public const int TopicNumber = 0;

    /// <summary>Parses a record's value, a <see cref="TransactionEvent"/> in protobuf; null if it has faults.</summary>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="keys">Hashes the payment's entities.</param>
    /// <param name="nowMs">Current time, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Receives every fault.</param>
    public static TransactionRecord? Parse(RecordPosition position, byte[]? value, ProfileKeys keys, long nowMs, Faults faults)
    {
        if (!TryParse(value, out var message))
        {
            faults.Add("value", "is not a fraud.scoring.v1.TransactionEvent in protobuf");
            return null;
        }
        if (PaymentReader.Parse(message.Payment, RecordLimits.AnyPast, nowMs, faults) is not { } payment)
        {
            return null;
        }
        if (!keys.Catalogue.TryConvert(payment.AmountMinor, payment.Currency, out var amount))
        {
            faults.Add("payment.currency",
                $"has no exchange rate in the feature catalogue; use one of {string.Join(", ", keys.Catalogue.Currencies)}");
            return null;
        }
        var entities = new EntityKey[keys.Catalogue.Entities.Count];
        keys.HashEntities(payment, entities);
        return new TransactionRecord(position, payment, amount, keys.HashTransaction(payment.TransactionId), entities);
    }

    private static bool TryParse(byte[]? value, out TransactionEvent message)
    {
        message = new TransactionEvent();
        try
        {
            message.MergeFrom(value ?? []);
            return value is not null;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
