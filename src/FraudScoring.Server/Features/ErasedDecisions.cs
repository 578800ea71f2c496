using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;
using EntityTokens = FraudScoring.Core.Payments.EntityTokens;

namespace FraudScoring.Server.Features;

/// <summary>Tells the decisions on payers who were erased after the payment.</summary>
internal sealed class ErasedDecisions(EntityHashers hashers, Erasures erasures)
{
    private static readonly PaymentField[] Fields = [.. PaymentField.OfLabels];

    /// <summary>False until the erasures are known.</summary>
    public bool AreKnown => erasures.Known.IsCompleted;

    /// <summary>True if a token of the payment was erased after it was made.</summary>
    /// <param name="value">A <see cref="DecisionEvent"/>; what is not one is not erased.</param>
    public bool Contains(byte[]? value)
    {
        if (erasures.IsEmpty || value is null || Read(value) is not { EventTime: { } eventTime } payment)
        {
            return false;
        }
        // The decision holds the request as it was sent; erasures have hashes of the canonical form.
        var sent = new EntityTokens
        {
            Card = TextOf(payment.CardToken), Account = TextOf(payment.AccountToken), Device = TextOf(payment.DeviceToken),
            IpAddress = TextOf(payment.IpAddress), Merchant = TextOf(payment.MerchantId),
        };
        var tokens = PaymentReader.ParseTokens(sent, []) ?? sent;
        var eventTimeMs = (eventTime.Seconds * MillisecondsPer.Second) + (eventTime.Nanos / 1_000_000);
        return Fields.Any(field => field.TextOf(tokens) is { } token
            && (erasures.Covers(hashers.Current, field, token, eventTimeMs)
                || (hashers.Previous is { } previous && erasures.Covers(previous, field, token, eventTimeMs))));
    }

    private static V1.Payment? Read(byte[] value)
    {
        try
        {
            return DecisionEvent.Parser.ParseFrom(value).Payment;
        }
        catch (InvalidProtocolBufferException)
        {
            // Written by another release.
            return null;
        }
    }

    private static string? TextOf(string field) => field.Length > 0 ? field : null;
}
