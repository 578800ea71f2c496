using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Copies payments with one field set to a value that the log does not contain.</summary>
internal sealed class UnseenValue
{
    private const string Token = "never-seen-before";

    private readonly LogSurvey _survey;

    public UnseenValue(string field, LogSurvey survey) => (Field, _survey) = (field, survey);

    public string Field { get; }

    /// <summary>False if the log contains every possible value of the field.</summary>
    public bool Exists => Field switch
    {
        "country" => _survey.UnseenCountry is not null,
        "merchant_category" => _survey.UnseenCategory > 0,
        "channel" => _survey.UnseenChannel is not null,
        _ => true,
    };

    /// <summary>Returns a copy of the payment with the unseen value. A payment without the field stays without it.</summary>
    public Payment In(Payment payment) => new()
    {
        TransactionId = payment.TransactionId,
        EventTimeMs = payment.EventTimeMs,
        AmountMinor = payment.AmountMinor,
        Currency = payment.Currency,
        Card = Text("card", payment.Card, Token)!,
        Account = Text("account", payment.Account, Token),
        Device = Text("device", payment.Device, Token),
        IpAddress = Text("ip_address", payment.IpAddress, "2001:db8::1"),
        Merchant = Text("merchant", payment.Merchant, Token)!,
        MerchantCategory = Field == "merchant_category" && payment.MerchantCategory != 0
            ? _survey.UnseenCategory : payment.MerchantCategory,
        Country = Text("country", payment.Country, _survey.UnseenCountry),
        Channel = Field == "channel" ? _survey.UnseenChannel ?? payment.Channel : payment.Channel,
        Latitude = payment.Latitude,
        Longitude = payment.Longitude,
        Attributes =
        [
            .. payment.Attributes.Select(a => Field == $"attributes.{a.Name}" ? a with { Text = Text(Field, a.Text, Token) } : a),
        ],
    };

    private string? Text(string field, string? value, string? unseen) => field == Field && value is not null ? unseen : value;
}
