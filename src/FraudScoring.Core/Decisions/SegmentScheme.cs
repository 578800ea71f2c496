using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Divides payments into segments: by at most one field, and by bands of the amount.</summary>
public sealed class SegmentScheme
{
    /// <summary>Maximum number of bounds between amount bands.</summary>
    public const int MaxAmounts = 16;

    /// <summary>The fields that payments can be segmented by.</summary>
    public static readonly IReadOnlyList<string> Fields = ["channel", "merchant_category", "country"];

    private readonly int _field;
    private readonly long[] _limits;

    /// <param name="by">One of <see cref="Fields"/>, or null for none.</param>
    /// <param name="amounts">Lower bounds of the amount bands after the first, in the reference currency; ascending, above 0.</param>
    /// <param name="reference">The catalogue's reference currency.</param>
    /// <exception cref="ArgumentException">The field or the amounts are invalid; see <see cref="Check"/>.</exception>
    public SegmentScheme(string? by, IReadOnlyList<double> amounts, Currency reference)
    {
        var faults = new Faults();
        Check(by, amounts, "segments.", faults);
        faults.ThrowIfAny();
        (By, Amounts) = (by, amounts);
        _field = by is null ? -1 : Fields.ToList().IndexOf(by);
        _limits = [.. amounts.Select(amount => (long)Math.Round(amount * Math.Pow(10, reference.Digits)))];
    }

    /// <summary>The segmenting field; null for none.</summary>
    public string? By { get; }

    /// <summary>Lower bounds of the amount bands after the first, which begins at 0.</summary>
    public IReadOnlyList<double> Amounts { get; }

    /// <summary>Number of amount bands, at least 1.</summary>
    public int Bands => _limits.Length + 1;

    /// <summary>Checks the field and the amounts.</summary>
    /// <param name="by">The segmenting field, or null.</param>
    /// <param name="amounts">Lower bounds of the amount bands after the first.</param>
    /// <param name="path">Prefix of the paths in faults.</param>
    /// <param name="faults">Receives the faults.</param>
    public static void Check(string? by, IReadOnlyList<double> amounts, string path, Faults faults)
    {
        if (by is not null && !Fields.Contains(by))
        {
            faults.Add($"{path}by", $"must be {string.Join(", ", Fields)} or null");
        }
        if (amounts.Count > MaxAmounts || amounts.Where((amount, i) => !(amount > (i == 0 ? 0 : amounts[i - 1]) && amount <= 1e12)).Any())
        {
            faults.Add($"{path}amounts", $"must be at most {MaxAmounts} ascending amounts above 0 and at most 1e12");
        }
    }

    /// <summary>Index of the band that an amount lies in.</summary>
    public int BandOf(long amount)
    {
        var band = 0;
        while (band < _limits.Length && amount >= _limits[band])
        {
            band++;
        }
        return band;
    }

    /// <summary>A number for the field's value; 0 without a field, and if the payment does not have it.</summary>
    public int CodeOf(in PaymentTraits traits) => _field switch
    {
        0 => (int)traits.Channel,
        1 => traits.MerchantCategory,
        2 => CountryOf(traits.Country),
        _ => 0,
    };

    /// <summary>
    /// The number for a value as files write it, such as "ecommerce", "5732" or "DE"; 0 if it is not a value of the field.
    /// </summary>
    public int CodeOf(string? value) => _field switch
    {
        0 => Enum.GetValues<Channel>().Where(channel => TextOf(channel) == value).Select(channel => (int)channel).FirstOrDefault(),
        1 => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var category) && category <= 9999 ? category : 0,
        2 => CountryOf(value),
        _ => 0,
    };

    /// <summary>A payment's value of the field as files write it; null without a field, and if the payment does not have it.</summary>
    public string? ValueOf(in PaymentTraits traits) => CodeOf(traits) == 0 ? null : _field switch
    {
        0 => TextOf(traits.Channel),
        1 => traits.MerchantCategory.ToString("0000", CultureInfo.InvariantCulture),
        _ => traits.Country,
    };

    /// <summary>Lower bound of a band, in the reference currency.</summary>
    public double StartOf(int band) => band == 0 ? 0 : Amounts[band - 1];

    private static int CountryOf(string? value) =>
        value is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] ? value[0] << 8 | value[1] : 0;

    private static string TextOf(Channel channel) => SnakeCase.Convert(channel);
}
