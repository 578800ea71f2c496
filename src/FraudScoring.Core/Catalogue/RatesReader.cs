using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Reads <c>rates.json</c>. Reports every fault with its JSON path.</summary>
/// <remarks>
/// The file has the members reference_currency and rates. A rate is the value of one unit of a currency in units of the reference currency,
/// by the first day (UTC) it holds: {"USD": {"2026-01-01": 0.92, "2026-02-01": 0.9}}. It holds until the next one. Before its first day a
/// currency has no rate.
/// </remarks>
public static class RatesReader
{
    /// <summary>Name of the file in a models folder.</summary>
    public const string FileName = "rates.json";

    /// <summary>Parses rates.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="faults">Receives the faults.</param>
    /// <returns>Null if the file has any fault.</returns>
    public static ExchangeRates? Parse(ReadOnlyMemory<byte> json, Faults faults) => Parse(json, null, faults);

    /// <summary>Parses rates to the reference currency of a catalogue.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="expected">The catalogue's reference currency; null for any.</param>
    /// <param name="faults">Receives the faults.</param>
    /// <returns>Null if the file has any fault.</returns>
    public static ExchangeRates? Parse(ReadOnlyMemory<byte> json, Currency? expected, Faults faults)
    {
        var before = faults.Count;
        using var document = JsonNodeReader.Parse(json, faults);
        if (document is null)
        {
            return null;
        }
        var root = new JsonNodeReader(document.RootElement, "$", faults);
        root.AllowOnly("reference_currency", "rates");
        var node = root.Member("reference_currency");
        var code = node.Text();
        if (!Currency.TryGet(code, out var reference))
        {
            node.Fault(Currency.WhyUnknown(code));
        }
        else if (expected is { } currency && currency != reference)
        {
            node.Fault($"must be {currency.Code}, the reference currency of features.json");
        }
        var rates = new Dictionary<string, DatedRate[]>();
        foreach (var (name, dated) in root.Object("rates").Members())
        {
            if (!Currency.TryGet(name, out var from))
            {
                dated.Fault(Currency.WhyUnknown(name));
            }
            else if (from == reference)
            {
                dated.Fault("is the reference currency, whose rate is always 1; remove it");
            }
            else
            {
                rates[name] = ReadDated(dated, from, reference.Code is null ? from : reference);
            }
        }
        return faults.Count > before ? null : new ExchangeRates(ContentHash.Compute(json.Span), reference, rates);
    }

    private static DatedRate[] ReadDated(JsonNodeReader node, Currency from, Currency reference)
    {
        var members = node.Members().ToList();
        if (members.Count == 0)
        {
            node.Fault("must be an object of at least one day and its rate, such as {\"2026-01-01\": 0.92}");
        }
        return [.. members.Select(member => ReadRate(member.Name, member.Node, from, reference)).OrderBy(rate => rate.FromMs)];
    }

    private static DatedRate ReadRate(string day, JsonNodeReader node, Currency from, Currency reference)
    {
        if (!DateTimeOffset.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var first))
        {
            node.Fault("must be named for the first day it holds (UTC), such as \"2026-01-01\"");
        }
        var scaled = (decimal)node.Number(1e-6, 1e6) * reference.MinorPerUnit / from.MinorPerUnit * 1_000_000_000m;
        if (scaled is < 1_000 or > 1_000_000_000_000_000_000)
        {
            node.Fault($"is too small or too large to convert amounts to minor units of {reference.Code}");
            return default;
        }
        return new DatedRate(first.ToUnixTimeMilliseconds(), (long)Math.Round(scaled));
    }
}
