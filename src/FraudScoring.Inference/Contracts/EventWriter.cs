using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using CorePayments = FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Contracts;

/// <summary>Converts payments and labels to protobuf messages.</summary>
public static class EventWriter
{
    /// <summary>Converts a payment. Attributes that were flags become the numbers 0 and 1.</summary>
    public static V1.Payment ToProto(CorePayments.Payment payment)
    {
        ArgumentNullException.ThrowIfNull(payment);
        var message = new V1.Payment
        {
            TransactionId = payment.TransactionId,
            EventTime = ToTimestamp(payment.EventTimeMs),
            Amount = FormatAmount(payment.AmountMinor, payment.Currency.Digits),
            Currency = payment.Currency.Code,
            CardToken = payment.Card,
            AccountToken = payment.Account ?? "",
            DeviceToken = payment.Device ?? "",
            IpAddress = payment.IpAddress ?? "",
            MerchantId = payment.Merchant,
            MerchantCategory = payment.MerchantCategory == 0 ? "" : payment.MerchantCategory.ToString("D4", CultureInfo.InvariantCulture),
            Country = payment.Country ?? "",
            Channel = ToProto(payment.Channel),
        };
        if (!double.IsNaN(payment.Latitude) && !double.IsNaN(payment.Longitude))
        {
            message.Location = new V1.Location { Latitude = payment.Latitude, Longitude = payment.Longitude };
        }
        foreach (CorePayments.PaymentAttribute attribute in payment.Attributes)
        {
            message.Attributes[attribute.Name] = attribute.Text is { } text
                ? new V1.AttributeValue { Text = text }
                : new V1.AttributeValue { Number = attribute.Number };
        }
        return message;
    }

    /// <summary>Converts a label to an event of the topic fraud.labels.</summary>
    public static V1.LabelEvent ToProto(CorePayments.Label label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return new V1.LabelEvent
        {
            TransactionId = label.TransactionId,
            LabelTime = ToTimestamp(label.LabelTimeMs),
            Fraud = label.Fraud,
            Source = label.Source,
            EventTime = ToTimestamp(label.EventTimeMs),
            CardToken = label.Card ?? "",
            AccountToken = label.Account ?? "",
            DeviceToken = label.Device ?? "",
            IpAddress = label.IpAddress ?? "",
            MerchantId = label.Merchant ?? "",
        };
    }

    /// <summary>Creates the label of a payment as an event of the topic fraud.labels.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="labelTimeMs">When the label became known, in milliseconds since the Unix epoch.</param>
    /// <param name="fraud">True for fraud, false for legitimate.</param>
    /// <param name="source">Where the label comes from.</param>
    public static V1.LabelEvent LabelOf(V1.Payment payment, long labelTimeMs, bool fraud, string source = "")
    {
        ArgumentNullException.ThrowIfNull(payment);
        return new V1.LabelEvent
        {
            TransactionId = payment.TransactionId,
            LabelTime = ToTimestamp(labelTimeMs),
            Fraud = fraud,
            Source = source,
            EventTime = payment.EventTime,
            CardToken = payment.CardToken,
            AccountToken = payment.AccountToken,
            DeviceToken = payment.DeviceToken,
            IpAddress = payment.IpAddress,
            MerchantId = payment.MerchantId,
        };
    }

    /// <summary>Converts milliseconds since the Unix epoch. Nanoseconds are never negative, as the protobuf type requires.</summary>
    public static Timestamp ToTimestamp(long unixMs)
    {
        (long seconds, long ms) = Math.DivRem(unixMs, CorePayments.MillisecondsPer.Second);
        return ms < 0
            ? new Timestamp { Seconds = seconds - 1, Nanos = (int)(ms + CorePayments.MillisecondsPer.Second) * 1_000_000 }
            : new Timestamp { Seconds = seconds, Nanos = (int)ms * 1_000_000 };
    }

    private static string FormatAmount(long minor, int digits) =>
        new decimal((int)minor, (int)(minor >> 32), 0, false, (byte)digits).ToString(CultureInfo.InvariantCulture);

    private static V1.Channel ToProto(CorePayments.Channel channel) => channel switch
    {
        CorePayments.Channel.CardPresent => V1.Channel.CardPresent,
        CorePayments.Channel.Contactless => V1.Channel.Contactless,
        CorePayments.Channel.Ecommerce => V1.Channel.Ecommerce,
        CorePayments.Channel.Atm => V1.Channel.Atm,
        CorePayments.Channel.MailOrder => V1.Channel.MailOrder,
        CorePayments.Channel.Recurring => V1.Channel.Recurring,
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, "Not a channel of the protobuf contract."),
    };
}
