using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>How payments are cut into segments: by one field or none, and by bands of the amount.</summary>
public sealed class SegmentScheme
{
    /// <summary>Most limits between bands of the amount.</summary>
    public const int MaxAmounts = 16;

    /// <summary>The fields that can cut.</summary>
    public static readonly IReadOnlyList<string> Fields = ["channel", "merchant_category", "country"];

    private readonly int _field;
    private readonly long[] _limits;

    /// <param name="by">One of <see cref="Fields"/>, or null for none.</param>
    /// <param name="amounts">Amounts in the reference currency from which on another band begins; ascending, over 0.</param>
    /// <param name="reference">The catalogue's reference currency.</param>
    /// <exception cref="ArgumentException">Any of this is not so; see <see cref="Check"/>.</exception>
    public SegmentScheme(string? by, IReadOnlyList<double> amounts, Currency reference)
    {
        var faults = new Faults();
        Check(by, amounts, "segments.", faults);
        faults.ThrowIfAny();
        (By, Amounts) = (by, amounts);
        _field = by is null ? -1 : Fields.ToList().IndexOf(by);
        _limits = [.. amounts.Select(amount => (long)Math.Round(amount * Math.Pow(10, reference.Digits)))];
    }

    /// <summary>The field that cuts, or null.</summary>
    public string? By { get; }

    /// <summary>Where bands of the amount begin, beside the first, which begins at 0.</summary>
    public IReadOnlyList<double> Amounts { get; }

    /// <summary>How many bands there are.</summary>
    public int Bands => _limits.Length + 1;

    /// <summary>Checks a field and limits.</summary>
    /// <param name="by">The field that cuts, or null.</param>
    /// <param name="amounts">Where bands of the amount begin.</param>
    /// <param name="path">Path before the names of both, for faults.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    public static void Check(string? by, IReadOnlyList<double> amounts, string path, Faults faults)
    {
        if (by is not null && !Fields.Contains(by))
        {
            faults.Add($"{path}by", $"must be {string.Join(", ", Fields)} or null");
        }
        if (amounts.Count > MaxAmounts || amounts.Where((amount, i) => !(amount > (i == 0 ? 0 : amounts[i - 1]) && amount <= 1e12)).Any())
        {
            faults.Add($"{path}amounts", $"must be at most {MaxAmounts} amounts over 0 that ascend");
        }
    }

    /// <summary>The band an amount lies in, from 0.</summary>
    public int BandOf(long amount)
    {
        var band = 0;
        while (band < _limits.Length && amount >= _limits[band])
        {
            band++;
        }
        return band;
    }

    /// <summary>The number that stands for the field's value; 0 without a field, and where the payment does not have it.</summary>
    public int CodeOf(in PaymentTraits traits) => _field switch
    {
        0 => (int)traits.Channel,
        1 => traits.MerchantCategory,
        2 => CountryOf(traits.Country),
        _ => 0,
    };

    /// <summary>The number that stands for a value as files write it, such as "ecommerce", "5732" or "DE"; 0 when it cannot be one.</summary>
    public int CodeOf(string? value) => _field switch
    {
        0 => Enum.GetValues<Channel>().Where(channel => TextOf(channel) == value).Select(channel => (int)channel).FirstOrDefault(),
        1 => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var category) && category <= 9999 ? category : 0,
        2 => CountryOf(value),
        _ => 0,
    };

    /// <summary>A payment's value of the field as files write it; null without a field, and where the payment does not have it.</summary>
    public string? ValueOf(in PaymentTraits traits) => CodeOf(traits) == 0 ? null : _field switch
    {
        0 => TextOf(traits.Channel),
        1 => traits.MerchantCategory.ToString("0000", CultureInfo.InvariantCulture),
        _ => traits.Country,
    };

    /// <summary>Where a band begins, in the reference currency.</summary>
    public double StartOf(int band) => band == 0 ? 0 : Amounts[band - 1];

    private static int CountryOf(string? value) => value is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] ? value[0] << 8 | value[1] : 0;

    private static string TextOf(Channel channel) => SnakeCase.Convert(channel);
}
