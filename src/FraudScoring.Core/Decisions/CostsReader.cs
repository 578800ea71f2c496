using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Reads <c>costs.json</c>. Reports every fault with its JSON path.</summary>
public static class CostsReader
{
    private const double Most = 1e9;

    /// <summary>Parses the file.</summary>
    /// <returns>Null if the file has any fault.</returns>
    public static DecisionCosts? Parse(ReadOnlyMemory<byte> json, Faults faults)
    {
        var before = faults.Count;
        using var document = JsonNodeReader.Parse(json, faults);
        if (document is null)
        {
            return null;
        }
        var root = new JsonNodeReader(document.RootElement, "$", faults);
        root.AllowOnly("fraud", "review", "challenge", "false_decline", "segments");
        var (fraud, review, challenge) = (Part(root, "fraud", "loss_share", "fixed"), Part(root, "review", "cost", "catches", "per_day"),
            Part(root, "challenge", "cost", "stops", "legitimate_lost"));
        var decline = Part(root, "false_decline", "amount_share", "fixed");
        var costs = new DecisionCosts
        {
            Fraud = new FraudCost(Number(fraud, "loss_share", 10), Number(fraud, "fixed", Most)),
            Review = new ReviewCost(Number(review, "cost", Most), Number(review, "catches", 1), Number(review, "per_day", Most)),
            Challenge = new ChallengeCost(
                Number(challenge, "cost", Most), Number(challenge, "stops", 1), Number(challenge, "legitimate_lost", 1)),
            FalseDecline = new FalseDeclineCost(Number(decline, "amount_share", 10), Number(decline, "fixed", Most)),
            Segments = ReadSegments(Part(root, "segments", "by", "amounts", "least_payments", "least_frauds"), faults),
        };
        return faults.Count > before ? null : costs;
    }

    private static SegmentRule ReadSegments(JsonNodeReader node, Faults faults)
    {
        var rule = new SegmentRule(node.Member("by").TextOrNull(), Count(node, "least_payments"), Count(node, "least_frauds"))
        {
            Amounts = [.. node.Array("amounts", 0, SegmentScheme.MaxAmounts).Select(item => item.Number(0, 1e12))],
        };
        SegmentScheme.Check(rule.By, rule.Amounts, node.Path + ".", faults);
        return rule;
    }

    private static JsonNodeReader Part(JsonNodeReader root, string name, params ReadOnlySpan<string> names)
    {
        var part = root.Object(name);
        if (part.Kind == System.Text.Json.JsonValueKind.Object)
        {
            part.AllowOnly(names);
        }
        return part;
    }

    private static double Number(JsonNodeReader node, string name, double most) => node.Member(name).Number(0, most);

    private static int Count(JsonNodeReader node, string name) => node.Integer(name, 1, int.MaxValue, otherwise: 1);
}
