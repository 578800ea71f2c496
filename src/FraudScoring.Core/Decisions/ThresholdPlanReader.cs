using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Reads the thresholds of a policy: the same members as in a model's manifest.</summary>
internal static class ThresholdPlanReader
{
    /// <summary>Reads and compiles them; null when there are none, or they have faults.</summary>
    public static ThresholdTable? Parse(JsonNodeReader node, Currency reference, Faults faults)
    {
        if (!node.Exists)
        {
            return null;
        }
        node.AllowOnly("review", "challenge", "decline", "by", "amounts", "segments");
        var before = faults.Count;
        var plan = new ThresholdPlan(Share(node, "review"), Share(node, "challenge"), Share(node, "decline"))
        {
            By = node.Member("by").TextOrNull(),
            Amounts = node.Member("amounts").Exists ? [.. node.Array("amounts", 0, SegmentScheme.MaxAmounts).Select(item => item.Number(0, 1e12))] : [],
            Segments = node.Member("segments").Exists ? [.. node.Array("segments", 0, ThresholdTable.MaxSegments).Select(ReadSegment)] : [],
        };
        // What was read as something else would be told a second time.
        return faults.Count > before ? null : ThresholdTable.Compile(plan, reference, node.Path, faults);
    }

    private static SegmentThresholds ReadSegment(JsonNodeReader node)
    {
        node.AllowOnly("value", "amount_from", "review", "challenge", "decline");
        var from = node.Member("amount_from");
        return new SegmentThresholds(node.Member("value").TextOrNull(), from.Exists ? from.Number(0, 1e12) : 0,
            Share(node, "review"), Share(node, "challenge"), Share(node, "decline"));
    }

    private static double Share(JsonNodeReader node, string name) => node.Member(name).Number(0, 1);
}
