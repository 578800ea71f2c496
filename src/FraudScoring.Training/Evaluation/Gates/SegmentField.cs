using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>A field of payments whose values make groups: texts as they are, categories and channels by name, numbers and flags as numbers.</summary>
internal sealed class SegmentField
{
    /// <summary>The group of payments that do not have the field.</summary>
    public const string Unknown = "(not known)";

    private readonly string _name;
    private readonly PaymentField _field;

    /// <exception cref="ArgumentException">There is no such field.</exception>
    public SegmentField(string name) => (_name, _field) = (name, PaymentField.TryParse(name, out var field)
        ? field : throw new ArgumentException($"{name}: is no field of a payment"));

    /// <summary>The field's name.</summary>
    public string Name => _name;

    /// <summary>The group of a payment.</summary>
    public string GroupOf(Payment payment) => _name switch
    {
        "channel" => SnakeCase.Convert(payment.Channel),
        "merchant_category" => payment.MerchantCategory == 0 ? Unknown : payment.MerchantCategory.ToString("0000", CultureInfo.InvariantCulture),
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
