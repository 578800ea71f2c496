using System.Collections.Frozen;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Reads <c>policy.json</c>. Reports every fault with its JSON path.</summary>
public static class PolicyReader
{
    /// <summary>Parses a policy whose rules read features of the catalogue.</summary>
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
        var scope = RuleScope.Create(catalogue);
        var rules = root.Array("rules", 0, DecisionPolicy.MaxRules).Select(node => ReadRule(node, scope)).ToArray();
        return faults.Count > before ? null : new DecisionPolicy(
            ContentHash.Compute(json.Span), catalogue.ReferenceCurrency, thresholds, withoutModel, blocked, trusted, rules!);
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

    private static PolicyRule? ReadRule(JsonNodeReader node, ExpressionScope<RuleContext> scope)
    {
        node.AllowOnly("code", "text", "when", "then");
        var (code, text, then) = (node.Member("code").Text(), node.Member("text").Text(), ReadDecision(node.Member("then")));
        return node.Member("when").Condition(scope) is { } when ? new PolicyRule(code, text, then, when) : null;
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
