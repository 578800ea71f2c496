using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>
/// A payment field to group by. Texts are used unchanged, channels by name, merchant categories with four digits, attributes as numbers.
/// </summary>
internal sealed class SegmentField
{
    /// <summary>The group of payments without the field.</summary>
    public const string Unknown = "(not known)";

    private readonly string _name;
    private readonly PaymentField _field;

    /// <exception cref="ArgumentException">The name is not a payment field.</exception>
    public SegmentField(string name) => (_name, _field) = (name, PaymentField.TryParse(name, out var field)
        ? field : throw new ArgumentException($"{name}: is not a payment field"));

    public string Name => _name;

    public string GroupOf(Payment payment) => _name switch
    {
        "channel" => SnakeCase.Convert(payment.Channel),
        "merchant_category" when payment.MerchantCategory == 0 => Unknown,
        "merchant_category" => payment.MerchantCategory.ToString("0000", CultureInfo.InvariantCulture),
        _ => _field.TextOf(payment) ?? NumberOf(payment) ?? Unknown,
    };

    private string? NumberOf(Payment payment)
    {
        foreach (var attribute in payment.Attributes)
        {
            if (!double.IsNaN(attribute.Number) && _name == $"attributes.{attribute.Name}")
            {
                return attribute.Number.ToString(CultureInfo.InvariantCulture);
            }
        }
        return null;
    }
}
