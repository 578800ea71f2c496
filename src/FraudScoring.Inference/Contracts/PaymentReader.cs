using System.Globalization;
using FraudScoring.Core.Payments;
using Channel = FraudScoring.Core.Payments.Channel;

namespace FraudScoring.Inference.Contracts;

/// <summary>
/// Converts messages to checked payments and labels. Faults name the field and never repeat its value, which may be personal data.
/// </summary>
public static class PaymentReader
{
    /// <summary>Checks a payment message.</summary>
    /// <param name="message">The message, or null if missing.</param>
    /// <param name="limits">The accepted range of times.</param>
    /// <param name="nowMs">The current time, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Receives every fault.</param>
    public static Payment? Parse(V1.Payment? message, PaymentLimits limits, long nowMs, Faults faults)
    {
        if (message is null)
        {
            faults.Add("payment", "is required");
            return null;
        }
        var checks = new FieldChecks("payment.", faults);
        var amount = ReadAmount(in checks, message, out var currency);
        var location = ReadLocation(in checks, message.Location);
        var payment = new Payment
        {
            TransactionId = checks.Id("transaction_id", message.TransactionId),
            EventTimeMs = checks.Time("event_time", message.EventTime, limits, nowMs),
            AmountMinor = amount,
            Currency = currency,
            Card = RequiredToken(in checks, "card_token", message.CardToken),
            Account = checks.Token("account_token", message.AccountToken),
            Device = checks.Token("device_token", message.DeviceToken),
            IpAddress = checks.Ip("ip_address", message.IpAddress),
            Merchant = checks.Id("merchant_id", message.MerchantId),
            MerchantCategory = ReadCategory(in checks, message.MerchantCategory),
            Country = ReadCountry(in checks, message.Country),
            Channel = ReadChannel(in checks, message.Channel),
            Latitude = location.Latitude,
            Longitude = location.Longitude,
            Attributes = ReadAttributes(in checks, message),
        };
        return checks.AnyFailed ? null : payment;
    }

    /// <summary>Checks a label message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="limits">The accepted range of times.</param>
    /// <param name="nowMs">The current time, milliseconds since the Unix epoch.</param>
    /// <param name="faults">Receives every fault.</param>
    public static Label? Parse(V1.LabelEvent message, PaymentLimits limits, long nowMs, Faults faults)
    {
        var checks = new FieldChecks("label.", faults);
        var label = new Label
        {
            TransactionId = checks.Id("transaction_id", message.TransactionId),
            LabelTimeMs = checks.Time("label_time", message.LabelTime, limits, nowMs),
            EventTimeMs = checks.Time("event_time", message.EventTime, limits, nowMs),
            Fraud = message.Fraud,
            Source = checks.Printable("source", message.Source),
            Card = checks.Token("card_token", message.CardToken),
            Account = checks.Token("account_token", message.AccountToken),
            Device = checks.Token("device_token", message.DeviceToken),
            IpAddress = checks.Ip("ip_address", message.IpAddress),
            Merchant = message.MerchantId.Length == 0 ? null : checks.Id("merchant_id", message.MerchantId),
        };
        if (label.LabelTimeMs > 0 && label.LabelTimeMs < label.EventTimeMs)
        {
            checks.Fault("label_time", "is before the payment's event_time");
        }
        return checks.AnyFailed ? null : label;
    }

    /// <summary>Checks the tokens of entities. At least one is required.</summary>
    /// <param name="tokens">The tokens as received; an empty text counts as missing.</param>
    /// <param name="faults">Receives every fault.</param>
    public static EntityTokens? ParseTokens(EntityTokens tokens, Faults faults)
    {
        var checks = new FieldChecks("entities.", faults);
        var read = new EntityTokens
        {
            Card = checks.Token("card_token", tokens.Card ?? ""),
            Account = checks.Token("account_token", tokens.Account ?? ""),
            Device = checks.Token("device_token", tokens.Device ?? ""),
            IpAddress = checks.Ip("ip_address", tokens.IpAddress ?? ""),
            Merchant = string.IsNullOrEmpty(tokens.Merchant) ? null : checks.Id("merchant_id", tokens.Merchant),
        };
        if (!checks.AnyFailed && !read.HasEntity)
        {
            checks.Fault("card_token", "is missing, and so are all other tokens; send at least one");
        }
        return checks.AnyFailed ? null : read;
    }

    private static string RequiredToken(in FieldChecks checks, string field, string text)
    {
        if (text.Length == 0)
        {
            checks.Fault(field, "is required");
        }
        return checks.Token(field, text) ?? "";
    }

    private static long ReadAmount(in FieldChecks checks, V1.Payment message, out Currency currency)
    {
        string? problem;
        long amount;
        if (Currency.TryGet(message.Currency, out currency))
        {
            problem = DecimalAmount.Parse(message.Amount, currency, out amount);
        }
        else
        {
            checks.Fault("currency", Currency.WhyUnknown(message.Currency));
            problem = DecimalAmount.ParseAny(message.Amount, out amount);
        }
        if (problem is not null)
        {
            checks.Fault("amount", problem);
        }
        return amount;
    }

    private static (double Latitude, double Longitude) ReadLocation(in FieldChecks checks, V1.Location? location)
    {
        if (location is null)
        {
            return (double.NaN, double.NaN);
        }
        if (location.Latitude is not (>= -PaymentLimits.Latitude and <= PaymentLimits.Latitude))
        {
            checks.Fault("location.latitude", "is not a number from -90 to 90");
        }
        if (location.Longitude is not (>= -PaymentLimits.Longitude and <= PaymentLimits.Longitude))
        {
            checks.Fault("location.longitude", "is not a number from -180 to 180");
        }
        return (location.Latitude, location.Longitude);
    }

    private static int ReadCategory(in FieldChecks checks, string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }
        if (text.Length == PaymentLimits.CategoryDigits
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var category))
        {
            return category;
        }
        checks.Fault("merchant_category", "is not a merchant category code of four digits, such as \"5411\"");
        return 0;
    }

    private static string? ReadCountry(in FieldChecks checks, string text)
    {
        if (text.Length > 0 && !Country.Exists(text))
        {
            checks.Fault("country", "is not an ISO 3166-1 alpha-2 code in capital letters, such as \"DE\"");
        }
        return text.Length == 0 ? null : text;
    }

    private static Channel ReadChannel(in FieldChecks checks, V1.Channel channel)
    {
        if (channel is < V1.Channel.CardPresent or > V1.Channel.Recurring)
        {
            checks.Fault("channel", "is required; send a value of fraud.scoring.v1.Channel other than CHANNEL_UNSPECIFIED");
        }
        return (Channel)channel;
    }

    private static PaymentAttribute[] ReadAttributes(in FieldChecks checks, V1.Payment message)
    {
        if (message.Attributes.Count == 0)
        {
            return [];
        }
        if (message.Attributes.Count > PaymentLimits.Attributes)
        {
            checks.Fault("attributes", $"has {message.Attributes.Count} entries; at most {PaymentLimits.Attributes} are allowed");
            return [];
        }
        var attributes = new PaymentAttribute[message.Attributes.Count];
        var i = 0;
        foreach (var (name, value) in message.Attributes)
        {
            attributes[i++] = ReadAttribute(in checks, name, value);
        }
        return attributes;
    }

    private static PaymentAttribute ReadAttribute(in FieldChecks checks, string name, V1.AttributeValue value)
    {
        if (name.Length is 0 or > PaymentLimits.TokenLength || FieldChecks.HasControls(name) || CardNumber.Matches(name))
        {
            checks.Fault("attributes",
                $"has a name that is empty, longer than {PaymentLimits.TokenLength} characters, not printable, or a card number");
            name = "?";
        }
        switch (value.ValueCase)
        {
            case V1.AttributeValue.ValueOneofCase.Number when double.IsFinite(value.Number) && !CardNumber.Matches(value.Number):
                return new PaymentAttribute(name, value.Number, null);
            case V1.AttributeValue.ValueOneofCase.Flag:
                return new PaymentAttribute(name, value.Flag ? 1 : 0, null);
            case V1.AttributeValue.ValueOneofCase.Text
                when value.Text.Length <= PaymentLimits.AttributeTextLength && !CardNumber.Matches(value.Text):
                return new PaymentAttribute(name, double.NaN, value.Text);
            default:
                checks.Fault($"attributes[{PlainName.Of(name)}]",
                    $"must be a finite number, a flag, or a text of at most {PaymentLimits.AttributeTextLength} characters, "
                        + "and not a card number");
                return default;
        }
    }
}
