using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>The quality of a feature's value in one row.</summary>
public enum FeatureState : byte
{
    /// <summary>The value is known.</summary>
    Present,
    /// <summary>The value is missing: there is no history for it, or the payment does not contain it.</summary>
    Absent,
    /// <summary>The value is limited by the capacity of the profile; the true one may be larger.</summary>
    Saturated,
    /// <summary>The value was computed from a profile that is out of date.</summary>
    Stale,
}

/// <summary>Determines the states of a row's features.</summary>
public static class FeatureStates
{
    /// <summary>Determines which features are present, absent or saturated. Profiles do not show whether they are stale.</summary>
    /// <param name="catalogue">The features of the row.</param>
    /// <param name="profiles">The profiles that the row was computed from, one per entity of the catalogue.</param>
    /// <param name="row">The row.</param>
    /// <param name="nowMs">Time of the row's payment, milliseconds since the Unix epoch.</param>
    /// <param name="states">Destination with one element per feature.</param>
    public static void Fill(
        FeatureCatalogue catalogue, ReadOnlySpan<EntityProfile?> profiles, ReadOnlySpan<float> row, long nowMs, Span<FeatureState> states)
    {
        for (var f = 0; f < catalogue.Features.Count; f++)
        {
            states[f] = float.IsNaN(row[f]) ? FeatureState.Absent : FeatureState.Present;
        }
        for (var e = 0; e < profiles.Length; e++)
        {
            foreach (var instruction in catalogue.Program.AggregatesByEntity[e])
            {
                // Features of a profile that could not be read are NaN, so absent: the null is never used.
                if (states[instruction.Feature] == FeatureState.Present && IsLimited(instruction, profiles[e]!, nowMs))
                {
                    states[instruction.Feature] = FeatureState.Saturated;
                }
            }
        }
        foreach (var formula in catalogue.Program.Formulas)
        {
            if (states[formula.Feature] == FeatureState.Present
                && (IsSaturated(formula.A, states) || IsSaturated(formula.B, states) || IsSaturated(formula.C, states)))
            {
                states[formula.Feature] = FeatureState.Saturated;
            }
        }
    }

    private static bool IsLimited(in AggregateInstruction instruction, EntityProfile profile, long nowMs) =>
        Aggregates.All[instruction.Aggregate].IsLimited is { } isLimited && isLimited(profile, instruction, nowMs);

    private static bool IsSaturated(FormulaArgument argument, ReadOnlySpan<FeatureState> states) =>
        argument.Feature >= 0 && states[argument.Feature] == FeatureState.Saturated;
}
