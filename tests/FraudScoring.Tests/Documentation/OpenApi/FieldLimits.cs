using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.V1;
using Google.Protobuf.Reflection;
using EntityTokens = FraudScoring.V1.EntityTokens;
using Payment = FraudScoring.V1.Payment;

namespace FraudScoring.Tests.Documentation.OpenApi;

/// <summary>
/// The limits of fields as keywords of JSON Schema, from the constants of the validation. OpenApiTests compares what they accept with what
/// the validation accepts.
/// </summary>
internal static class FieldLimits
{
    private static readonly Dictionary<string, Func<JsonObject>> ByField = new()
    {
        ["Payment.transaction_id"] = () => Token(1),
        ["Payment.card_token"] = () => Token(1),
        ["Payment.merchant_id"] = () => Token(1),
        ["Payment.account_token"] = () => Token(0),
        ["Payment.device_token"] = () => Token(0),
        ["Payment.ip_address"] = Address,
        ["Payment.currency"] = () => new JsonObject { ["pattern"] = "^[A-Z]{3}$" },
        ["Payment.merchant_category"] = () => new JsonObject { ["pattern"] = $"^([0-9]{{{PaymentLimits.CategoryDigits}}})?$" },
        ["Payment.country"] = () => new JsonObject { ["pattern"] = "^([A-Z]{2})?$" },
        ["Location.latitude"] = () => Range(PaymentLimits.Latitude),
        ["Location.longitude"] = () => Range(PaymentLimits.Longitude),
        ["AttributeValue.text"] = () => new JsonObject { ["maxLength"] = PaymentLimits.AttributeTextLength },
        ["EntityTokens.card_token"] = () => Token(0),
        ["EntityTokens.account_token"] = () => Token(0),
        ["EntityTokens.device_token"] = () => Token(0),
        ["EntityTokens.merchant_id"] = () => Token(0),
        ["EntityTokens.ip_address"] = Address,
        ["Payment.attributes"] = () => new JsonObject
        {
            ["maxProperties"] = PaymentLimits.Attributes,
            ["propertyNames"] = new JsonObject { ["minLength"] = 1, ["maxLength"] = PaymentLimits.TokenLength },
        },
    };

    public static IEnumerable<string> Fields => ByField.Keys;

    /// <summary>The keywords of a field; empty if it has no limit.</summary>
    public static JsonObject Of(FieldDescriptor field) =>
        ByField.TryGetValue($"{field.ContainingType.Name}.{field.Name}", out var limits) ? limits() : [];

    /// <summary>The keywords of a message; empty if it has no limit.</summary>
    public static JsonObject Of(MessageDescriptor message) => message == EntityTokens.Descriptor
        ? new JsonObject { ["minProperties"] = 1 }
        : message == AttributeValue.Descriptor ? new JsonObject { ["minProperties"] = 1, ["maxProperties"] = 1 } : [];

    /// <summary>The schema of an amount, which is a text or an exact number.</summary>
    public static JsonObject Amount() => new()
    {
        ["oneOf"] = new JsonArray(
            new JsonObject { ["type"] = "string", ["pattern"] = @"^[0-9]+(\.[0-9]+)?$" },
            new JsonObject { ["type"] = "number", ["minimum"] = 0 }),
    };

    public static bool IsAmount(FieldDescriptor field) => field == Payment.Descriptor.FindFieldByNumber(Payment.AmountFieldNumber);

    private static JsonObject Token(int least) => least == 0
        ? new JsonObject { ["maxLength"] = PaymentLimits.TokenLength }
        : new JsonObject { ["minLength"] = least, ["maxLength"] = PaymentLimits.TokenLength };

    private static JsonObject Address() => new() { ["maxLength"] = PaymentLimits.AddressLength };

    private static JsonObject Range(double limit) => new() { ["minimum"] = -limit, ["maximum"] = limit };
}
