using FraudScoring.V1;

namespace FraudScoring.Training.Importing;

/// <summary>A text field of a payment.</summary>
/// <param name="Name">Its name in a mapping.</param>
/// <param name="MessageName">Its name in the proto contract, used in fault messages.</param>
/// <param name="IsRequired">True if every payment must have one.</param>
/// <param name="Kind">What its text is.</param>
/// <param name="Set">Sets it in a message.</param>
internal sealed record TextField(string Name, string MessageName, bool IsRequired, TextKind Kind, Action<Payment, string> Set)
{
    /// <summary>True if it is an identifier, which may be hashed.</summary>
    public bool IsToken => Kind is TextKind.Identifier or TextKind.Token;

    /// <summary>The channels by their names in a mapping.</summary>
    public static IReadOnlyDictionary<string, Channel> Channels { get; } = Enum.GetValues<Channel>()
        .Where(channel => channel != Channel.Unspecified)
        .ToDictionary(channel => Core.Payments.SnakeCase.Convert(channel), StringComparer.Ordinal);

    /// <summary>All text fields, in the order of the contract.</summary>
    public static IReadOnlyList<TextField> All { get; } =
    [
        new("transaction_id", "transaction_id", false, TextKind.Identifier, (payment, text) => payment.TransactionId = text),
        new("currency", "currency", true, TextKind.Code, (payment, text) => payment.Currency = text),
        new("card", "card_token", true, TextKind.Token, (payment, text) => payment.CardToken = text),
        new("account", "account_token", false, TextKind.Token, (payment, text) => payment.AccountToken = text),
        new("device", "device_token", false, TextKind.Token, (payment, text) => payment.DeviceToken = text),
        new("ip_address", "ip_address", false, TextKind.Code, (payment, text) => payment.IpAddress = text),
        new("merchant", "merchant_id", true, TextKind.Identifier, (payment, text) => payment.MerchantId = text),
        new("merchant_category", "merchant_category", false, TextKind.Category, (payment, text) => payment.MerchantCategory = text),
        new("country", "country", false, TextKind.Code, (payment, text) => payment.Country = text),
        new("channel", "channel", true, TextKind.Code, (payment, text) => payment.Channel = Channels.GetValueOrDefault(text)),
    ];
}
