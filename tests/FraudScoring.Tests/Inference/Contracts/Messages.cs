using FraudScoring.Inference.Contracts;

namespace FraudScoring.Tests.Inference.Contracts;

/// <summary>Valid messages that tests modify.</summary>
internal static class Messages
{
    public const long NowMs = 1_767_582_900_000;

    public static V1.Payment Payment()
    {
        var message = new V1.Payment
        {
            TransactionId = "tx-1", EventTime = EventWriter.ToTimestamp(NowMs - 1_000), Amount = "12.34", Currency = "EUR", CardToken =
                "tok_card",
            AccountToken = "tok_account", DeviceToken = "tok_device", IpAddress = "192.0.2.1", MerchantId = "m-1", MerchantCategory =
                "5411",
            Country = "DE", Channel = V1.Channel.Ecommerce, Location = new V1.Location { Latitude = 52.5, Longitude = 13.4 },
        };
        message.Attributes["retries"] = new V1.AttributeValue { Number = 2 };
        message.Attributes["new_customer"] = new V1.AttributeValue { Flag = true };
        message.Attributes["tier"] = new V1.AttributeValue { Text = "gold" };
        return message;
    }

    public static V1.LabelEvent Label() => new()
    {
        TransactionId = "tx-1", LabelTime = EventWriter.ToTimestamp(NowMs), EventTime = EventWriter.ToTimestamp(NowMs - 1_000), Fraud =
            true, Source = "chargeback",
        CardToken = "tok_card", AccountToken = "tok_account", DeviceToken = "tok_device", IpAddress = "192.0.2.1", MerchantId = "m-1",
    };
}
