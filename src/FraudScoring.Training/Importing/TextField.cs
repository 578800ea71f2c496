using FraudScoring.V1;

namespace FraudScoring.Training.Importing;

/// <summary>A payment's field that is a text: its name in a mapping, its name in the contract, and what it may come from.</summary>
/// <param name="Name">The name in a mapping.</param>
/// <param name="MessageName">The name in the contract, which faults carry.</param>
/// <param name="IsRequired">Every payment has one.</param>
/// <param name="IsToken">It identifies something, so that it may be hashed.</param>
/// <param name="Set">Writes it into a message.</param>
internal sealed record TextField(string Name, string MessageName, bool IsRequired, bool IsToken, Action<Payment, string> Set)
{
    /// <summary>The channels by the names a mapping gives them.</summary>
    public static IReadOnlyDictionary<string, Channel> Channels { get; } = Enum.GetValues<Channel>().Where(channel => channel != Channel.Unspecified)
        .ToDictionary(channel => Core.Payments.SnakeCase.Convert(channel), StringComparer.Ordinal);

    /// <summary>All of them, in the order of the contract.</summary>
    public static IReadOnlyList<TextField> All { get; } =
    [
        new("transaction_id", "transaction_id", false, true, (payment, text) => payment.TransactionId = text),
        new("currency", "currency", true, false, (payment, text) => payment.Currency = text),
        new("card", "card_token", true, true, (payment, text) => payment.CardToken = text),
        new("account", "account_token", false, true, (payment, text) => payment.AccountToken = text),
        new("device", "device_token", false, true, (payment, text) => payment.DeviceToken = text),
        new("ip_address", "ip_address", false, false, (payment, text) => payment.IpAddress = text),
        new("merchant", "merchant_id", true, true, (payment, text) => payment.MerchantId = text),
        new("merchant_category", "merchant_category", false, false, (payment, text) => payment.MerchantCategory = text),
        new("country", "country", false, false, (payment, text) => payment.Country = text),
        new("channel", "channel", true, false, (payment, text) => payment.Channel = Channels.GetValueOrDefault(text)),
    ];
}
