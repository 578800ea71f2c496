using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// A field of a payment whose value identifies something. Entities can be keyed by it, and its distinct values can be counted.
/// </summary>
public readonly record struct PaymentField
{
    /// <summary>The names that a catalogue may use, in addition to "attributes.&lt;name&gt;".</summary>
    public static readonly IReadOnlyList<string> Names =
        ["card", "account", "device", "ip_address", "merchant", "merchant_category", "country", "channel"];

    /// <summary>The fields that labels carry.</summary>
    public static IEnumerable<PaymentField> OfLabels => Names.Select((_, i) => new PaymentField(i, null)).Where(f => f.IsOnLabels);

    private const string AttributePrefix = "attributes.";
    private readonly int _index;
    private readonly string? _attribute;

    private PaymentField(int index, string? attribute) => (_index, _attribute) = (index, attribute);

    /// <summary>The field's name in the catalogue.</summary>
    public string Name => _attribute is null ? Names[_index] : AttributePrefix + _attribute;

    /// <summary>Finds a field by its name in the catalogue.</summary>
    public static bool TryParse(string name, out PaymentField field)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name)
            {
                field = new PaymentField(i, null);
                return true;
            }
        }
        var isAttribute = name.StartsWith(AttributePrefix, StringComparison.Ordinal) && name.Length > AttributePrefix.Length;
        field = isAttribute ? new PaymentField(-1, name[AttributePrefix.Length..]) : default;
        return isAttribute;
    }

    /// <summary>The field's text in a payment; null if the payment does not have it, and for numbers.</summary>
    public string? TextOf(Payment payment) => _index switch
    {
        0 => payment.Card,
        1 => payment.Account,
        2 => payment.Device,
        3 => payment.IpAddress,
        4 => payment.Merchant,
        6 => payment.Country,
        -1 => AttributeOf(payment),
        _ => null,
    };

    /// <summary>The field's text among tokens; null if they do not include it.</summary>
    public string? TextOf(EntityTokens tokens) => _index switch
    {
        0 => tokens.Card,
        1 => tokens.Account,
        2 => tokens.Device,
        3 => tokens.IpAddress,
        4 => tokens.Merchant,
        _ => null,
    };

    /// <summary>True if the field is a text, so that an entity can be keyed by it.</summary>
    public bool IsText => _index is not (5 or 7);

    /// <summary>True if labels carry the field.</summary>
    public bool IsOnLabels => _index is >= 0 and <= 4;

    /// <summary>
    /// A 24-bit hash of the value for lists and sketches of profiles, 1 to 2^24 - 1; 0 if the payment does not have the field.
    /// </summary>
    /// <remarks>
    /// Three bytes per value keep stored profiles small. Two values collide with probability 6e-8, so a count of a few hundred distinct
    /// values is rarely one too low, which is far below the error of the sketch.
    /// </remarks>
    public uint ValueOf(Payment payment)
    {
        ulong hash;
        if (!IsText)
        {
            var number = NumberOf(payment);
            hash = number == 0 ? 0 : StableHash.Mix((ulong)number);
        }
        else
        {
            var text = TextOf(payment);
            hash = text is null ? 0 : StableHash.Compute(text);
        }
        return hash == 0 ? 0 : Math.Max(1u, (uint)(hash >> 40));
    }

    /// <summary>The number of a merchant category or channel; 0 if the payment does not have it, and for texts.</summary>
    internal int NumberOf(Payment payment) => _index switch { 5 => payment.MerchantCategory, 7 => (int)payment.Channel, _ => 0 };

    private string? AttributeOf(Payment payment)
    {
        // By index: the enumerator of an interface would be allocated.
        for (var i = 0; i < payment.Attributes.Count; i++)
        {
            if (payment.Attributes[i].Name == _attribute)
            {
                return payment.Attributes[i].Text;
            }
        }
        return null;
    }
}
