using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Reads the thresholds of a policy, which have the same members as in a model's manifest.</summary>
internal static class ThresholdPlanReader
{
    /// <returns>Null if there are no thresholds, or they have faults.</returns>
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
            Amounts = node.Member("amounts").Exists
                ? [.. node.Array("amounts", 0, SegmentScheme.MaxAmounts).Select(item => item.Number(0, 1e12))] : [],
            Segments = node.Member("segments").Exists ? [.. node.Array("segments", 0, ThresholdTable.MaxSegments).Select(ReadSegment)] : [],
        };
        // Compiling the defaults that replaced invalid values would report the same faults twice.
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
