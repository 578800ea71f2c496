using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Features;

/// <summary>How far back in time payments and labels change the value of a feature.</summary>
/// <param name="Payments">The payments that it depends on.</param>
/// <param name="Labels">The labels that it depends on, by their arrival.</param>
public readonly record struct FeatureReach(PastRange Payments, PastRange Labels)
{
    /// <summary>Determines the reach of each feature of a catalogue, in the order of the row.</summary>
    public static FeatureReach[] Of(FeatureCatalogue catalogue)
    {
        var reaches = new FeatureReach[catalogue.Features.Count];
        for (var e = 0; e < catalogue.Entities.Count; e++)
        {
            foreach (var instruction in catalogue.Program.AggregatesByEntity[e])
            {
                reaches[instruction.Feature] = Of(
                    catalogue.Features[instruction.Feature], Aggregates.All[instruction.Aggregate].Source, catalogue.Entities[e]);
            }
        }
        // In the order of execution, so the arguments of a formula come before it.
        foreach (var formula in catalogue.Program.Formulas)
        {
            foreach (var argument in new[] { formula.A, formula.B, formula.C }.Where(argument => argument.Feature >= 0))
            {
                var (own, other) = (reaches[formula.Feature], reaches[argument.Feature]);
                reaches[formula.Feature] = new FeatureReach(own.Payments.With(other.Payments), own.Labels.With(other.Labels));
            }
        }
        return reaches;
    }

    private static FeatureReach Of(FeatureDefinition feature, AggregateSource source, EntityPlan plan)
    {
        // Without a window, everything counts that the profile keeps.
        var window = feature.WindowMs > 0 ? new PastRange(feature.WindowMs + feature.DelayMs, feature.DelayMs) : default;
        var payments = window.IsEmpty ? new PastRange(plan.RetentionMs, 0) : window;
        var labels = window.IsEmpty ? new PastRange(plan.LabelLevel.WidthMs * plan.LabelLevel.Count, 0) : window;
        return source switch
        {
            AggregateSource.FraudLabels or AggregateSource.AllLabels or AggregateSource.NewestFraud => new FeatureReach(default, labels),
            AggregateSource.Streak => new FeatureReach(payments, labels),
            AggregateSource.Attempts => default,
            _ => new FeatureReach(payments, default),
        };
    }
}

/// <summary>A range of time before now. Empty if it begins now.</summary>
/// <param name="FromMs">How long ago it begins, in milliseconds.</param>
/// <param name="ToMs">How long ago it ends, in milliseconds.</param>
public readonly record struct PastRange(long FromMs, long ToMs)
{
    /// <summary>True if the range contains no time.</summary>
    public bool IsEmpty => FromMs == 0;

    /// <summary>The smallest range that contains both.</summary>
    public PastRange With(PastRange other) => IsEmpty ? other : other.IsEmpty ? this
        : new PastRange(Math.Max(FromMs, other.FromMs), Math.Min(ToMs, other.ToMs));

    /// <summary>True if the range has a time in common with the time between two others.</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="startMs">Start of the other time.</param>
    /// <param name="endMs">End of the other time.</param>
    public bool ReachesInto(long nowMs, long startMs, long endMs) => !IsEmpty && nowMs - FromMs < endMs && nowMs - ToMs > startMs;
}
