using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Features;

/// <summary>Reads <c>features.json</c>. Collects every fault with its JSON path; a catalogue comes out only when there is none.</summary>
/// <remarks>
/// The file has reference_currency, rates, reasons, maturity, entities and features. An entity has name, fields, and how many are kept
/// one by one: recent, labels, attempts. A feature has name, text, reason, and one of: payment; formula with of; aggregate with entity
/// and, where the aggregate takes them, window, delay, value, filter, quantile, half_life, times; the aggregates are those of
/// <see cref="Aggregates"/>. A filter is one condition or a list of up to
/// four: {"field": "channel", "in": ["atm"]} or {"field": "amount", "at_least": 100, "below": 500}, reference units.
/// </remarks>
public static class CatalogueReader
{
    /// <summary>Reads and compiles a catalogue.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    public static FeatureCatalogue? Parse(ReadOnlyMemory<byte> json, Faults faults)
    {
        var before = faults.Count;
        using var document = JsonNodeReader.Parse(json, faults);
        if (document is null)
        {
            return null;
        }
        var root = new JsonNodeReader(document.RootElement, "$", faults);
        root.AllowOnly("reference_currency", "rates", "reasons", "maturity", "entities", "features");
        var (reference, rates) = ReadCurrencies(root);
        var reasons = root.Object("reasons").Members().ToDictionary(m => m.Name, m => m.Node.Text());
        var entities = root.Array("entities", 1, 16).Select(ReadEntity).ToList();
        var features = new FeatureCompiler(Aggregates.All, entities, reasons, reference);
        features.Compile(root.Array("features", 1, 1024));
        var plans = features.Plans(ReadMaturity(root, features.NeedsMaturity));
        return faults.Count > before ? null : new FeatureCatalogue(
            ContentHash.Compute(json.Span), reference, rates, reasons, plans, features.Definitions(plans),
            features.Program());
    }

    private static (Currency, Dictionary<string, long>) ReadCurrencies(JsonNodeReader root)
    {
        var referenceNode = root.Member("reference_currency");
        if (!Currency.TryGet(referenceNode.Text(), out var reference))
        {
            referenceNode.Fault("is not an ISO 4217 currency code");
        }
        var rates = new Dictionary<string, long>();
        foreach (var (code, node) in root.Object("rates").Members())
        {
            var rate = node.Number(1e-6, 1e6);
            if (!Currency.TryGet(code, out var currency))
            {
                node.Fault("is not an ISO 4217 currency code");
                continue;
            }
            var scaled = (decimal)rate * reference.MinorPerUnit / currency.MinorPerUnit * 1_000_000_000m;
            if (scaled is < 1_000 or > 1_000_000_000_000_000_000)
            {
                node.Fault($"is too small or too large to count in whole minor units of {reference.Code}");
                continue;
            }
            rates[code] = (long)Math.Round(scaled);
        }
        if (reference.Code is not null && rates.GetValueOrDefault(reference.Code) != 1_000_000_000)
        {
            root.Member("rates").Fault($"must give {reference.Code}, the reference currency, the rate 1");
        }
        return (reference, rates);
    }

    /// <summary>The age from which a payment without a label is legitimate, in milliseconds; 0 when it is not given.</summary>
    private static long ReadMaturity(JsonNodeReader root, bool isNeeded)
    {
        var maturity = root.Member("maturity");
        if (!maturity.Exists)
        {
            if (isNeeded)
            {
                maturity.Fault(
                    "must be given, such as \"30d\", for features that count streaks: the age from which a payment without a label is legitimate");
            }
            return 0;
        }
        if (!Duration.TryParse(maturity.Text(), out var length) || length is < MillisecondsPer.Hour or > 365 * MillisecondsPer.Day)
        {
            maturity.Fault("must be a length from 1h to 365d, such as \"30d\"");
        }
        return length;
    }

    private static EntityDraft ReadEntity(JsonNodeReader node)
    {
        node.AllowOnly("name", "fields", "recent", "labels", "attempts");
        var fields = new List<PaymentField>();
        foreach (var fieldNode in node.Array("fields", 1, 4))
        {
            if (PaymentField.TryParse(fieldNode.Text(), out var field) && field.IsText)
            {
                fields.Add(field);
            }
            else
            {
                fieldNode.Fault("cannot name an entity; use card, account, device, ip_address, merchant, country or attributes.<name>");
            }
        }
        return new EntityDraft(
            node, node.Member("name").Name(), fields, node.Integer("recent", 1, 256, 32), node.Integer("labels", 0, 256, 0),
            node.Integer("attempts", 0, 255, 0));
    }
}
