using System.Collections.Frozen;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Reads <c>policy.json</c>. Reports every fault with its JSON path.</summary>
public static class PolicyReader
{
    /// <summary>Parses a policy whose rules refer to features of the catalogue.</summary>
    /// <returns>Null if the file has any fault.</returns>
    public static DecisionPolicy? Parse(ReadOnlyMemory<byte> json, FeatureCatalogue catalogue, Faults faults)
    {
        var before = faults.Count;
        using var document = JsonNodeReader.Parse(json, faults);
        if (document is null)
        {
            return null;
        }
        var root = new JsonNodeReader(document.RootElement, "$", faults);
        root.AllowOnly("thresholds", "without_model", "blocked", "trusted", "rules");
        var thresholds = ThresholdPlanReader.Parse(root.Member("thresholds"), catalogue.ReferenceCurrency, faults);
        var withoutModel = ReadDecision(root.Member("without_model"));
        var blocked = ReadLists(root.Member("blocked"));
        var trusted = ReadLists(root.Member("trusted"));
        var rules = root.Array("rules", 0, DecisionPolicy.MaxRules).Select(node => ReadRule(node, catalogue)).ToArray();
        return faults.Count > before ? null : new DecisionPolicy(
            ContentHash.Compute(json.Span), thresholds, withoutModel, blocked, trusted, rules);
    }

    private static PolicyList[] ReadLists(JsonNodeReader node)
    {
        if (node.Exists && node.Kind != JsonValueKind.Object)
        {
            node.Fault("must be an object that maps payment fields to lists of values");
        }
        var lists = new List<PolicyList>();
        foreach (var (name, values) in node.Members())
        {
            if (!PaymentField.TryParse(name, out var field) || !field.IsText)
            {
                values.Fault(
                    "is not a field that can be listed; use card, account, device, ip_address, merchant, country or attributes.<name>");
                continue;
            }
            var texts = node.Array(name, 0, 1_000_000).Select(v => v.Text()).ToFrozenSet(StringComparer.Ordinal);
            lists.Add(new PolicyList(field, texts));
        }
        return [.. lists];
    }

    private static PolicyRule ReadRule(JsonNodeReader node, FeatureCatalogue catalogue)
    {
        node.AllowOnly("code", "text", "when", "then");
        var conditions = node.Array("when", 1, 16).Select(condition => ReadCondition(condition, catalogue)).ToArray();
        return new PolicyRule(node.Member("code").Text(), node.Member("text").Text(), ReadDecision(node.Member("then")), conditions);
    }

    private static RuleCondition ReadCondition(JsonNodeReader node, FeatureCatalogue catalogue)
    {
        node.AllowOnly("feature", "at_least", "at_most");
        var feature = catalogue.IndexOf(node.Member("feature").Text());
        if (feature < 0)
        {
            node.Member("feature").Fault("is not a feature of the catalogue; use a name from features.json");
        }
        var least = node.Member("at_least");
        if (least.Exists == node.Member("at_most").Exists)
        {
            node.Fault("must have exactly one of at_least and at_most");
        }
        var bound = least.Exists ? least : node.Member("at_most");
        return new RuleCondition(feature, least.Exists, (float)bound.Number(-1e12, 1e12));
    }

    private static Decision ReadDecision(JsonNodeReader node)
    {
        var text = node.Text();
        foreach (var decision in Enum.GetValues<Decision>())
        {
            if (SnakeCase.Convert(decision) == text)
            {
                return decision;
            }
        }
        node.Fault("must be approve, review, challenge or decline");
        return Decision.Review;
    }
}
