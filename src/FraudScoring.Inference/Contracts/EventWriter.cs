using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using CorePayments = FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Contracts;

/// <summary>Writes the domain's payments and labels as the messages of the contract.</summary>
public static class EventWriter
{
    /// <summary>The payment as a message. Flags among the attributes become the numbers 0 and 1.</summary>
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

    /// <summary>The label as an event of topic fraud.labels.</summary>
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

    /// <summary>What a payment was, as an event of topic fraud.labels.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="labelTimeMs">When it is known.</param>
    /// <param name="fraud">What it was.</param>
    /// <param name="source">Who says so.</param>
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

    /// <summary>Milliseconds since the Unix epoch as a timestamp; nanoseconds are never negative, as the format demands.</summary>
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
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, "not a channel of the contract"),
    };
}
