using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Features;

/// <summary>Reads <c>features.json</c>. Reports every fault with its JSON path.</summary>
/// <remarks>
/// The file has the members reference_currency, reasons, maturity, entities and features. An entity has name, fields, and the
/// numbers of payments, labels and requests that its profiles keep individually: recent, labels, attempts. A feature has name, text,
/// reason, and one of: payment; formula with of; aggregate with entity and the members that the aggregate uses (window, delay, value,
/// filter, quantile, half_life, times). <see cref="Aggregates"/> lists the aggregates. A filter is one condition or a list of up to four,
/// such as {"field": "channel", "in": ["atm"]} or {"field": "amount", "at_least": 100, "below": 500} in units of the reference currency.
/// </remarks>
public static class CatalogueReader
{
    /// <summary>Parses and compiles a catalogue.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="faults">Receives the faults.</param>
    /// <returns>Null if the file has any fault.</returns>
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
        if (root.Member("rates") is { Exists: true } rates)
        {
            rates.Fault("has moved to rates.json; move it there, each rate under the first day it holds");
        }
        var reference = ReadReference(root.Member("reference_currency"));
        var reasons = root.Object("reasons").Members().ToDictionary(m => m.Name, m => m.Node.Text());
        var entities = root.Array("entities", 1, 16).Select(ReadEntity).ToList();
        var features = new FeatureCompiler(Aggregates.All, entities, reasons, reference);
        features.Compile(root.Array("features", 1, 1024));
        var plans = features.Plans(ReadMaturity(root, features.NeedsMaturity));
        return faults.Count > before ? null : new FeatureCatalogue(
            ContentHash.Compute(json.Span), reference, reasons, plans, features.Definitions(plans),
            features.Program());
    }

    private static Currency ReadReference(JsonNodeReader node)
    {
        if (!Currency.TryGet(node.Text(), out var reference))
        {
            node.Fault("is not an ISO 4217 currency code");
        }
        return reference;
    }

    /// <summary>Reads the age in milliseconds beyond which a payment without a label counts as legitimate; 0 if it is absent.</summary>
    private static long ReadMaturity(JsonNodeReader root, bool isNeeded)
    {
        var maturity = root.Member("maturity");
        if (!maturity.Exists)
        {
            if (isNeeded)
            {
                maturity.Fault(
                    "is required by features over streaks; give the age beyond which a payment without a label counts as legitimate, "
                        + "such as \"30d\"");
            }
            return 0;
        }
        if (!Duration.TryParse(maturity.Text(), out var length) || length is < MillisecondsPer.Hour or > 365 * MillisecondsPer.Day)
        {
            maturity.Fault("must be a duration from 1h to 365d, such as \"30d\"");
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
                fieldNode.Fault("cannot identify an entity; use card, account, device, ip_address, merchant, country or attributes.<name>");
            }
        }
        return new EntityDraft(
            node, node.Member("name").Name(), fields, node.Integer("recent", 1, 256, 32), node.Integer("labels", 0, 256, 0),
            node.Integer("attempts", 0, 255, 0));
    }
}
