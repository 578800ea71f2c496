using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// The compiled feature catalogue: which entities have profiles, what profiles keep, and how a row is computed. Immutable.
/// </summary>
public sealed class FeatureCatalogue
{
    private readonly FrozenDictionary<string, int> _indexOf;

    internal FeatureCatalogue(
        string hash, Currency reference, Dictionary<string, string> reasons, EntityPlan[] entities, FeatureDefinition[] features,
        FeatureProgram program)
    {
        Hash = hash;
        ReferenceCurrency = reference;
        Reasons = reasons.ToFrozenDictionary(StringComparer.Ordinal);
        Entities = entities;
        Features = features;
        Program = program;
        _indexOf = features.ToFrozenDictionary(f => f.Name, f => f.Index, StringComparer.Ordinal);
        LayoutHash = ProfileLayout.HashOf(reference, entities);
    }

    /// <summary>SHA-256 of the catalogue file, 64 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>
    /// Eight hexadecimal digits of a hash over everything that determines the content of stored profiles. Part of every Redis key, so
    /// that profiles with different contents are never mixed. Reason texts and formulas do not change it.
    /// </summary>
    public string LayoutHash { get; }

    /// <summary>The currency that all amounts are converted to.</summary>
    public Currency ReferenceCurrency { get; }

    /// <summary>The text of each reason, as callers receive it, by its code.</summary>
    public IReadOnlyDictionary<string, string> Reasons { get; }

    /// <summary>The plans of the entities, in the order of the catalogue.</summary>
    public IReadOnlyList<EntityPlan> Entities { get; }

    /// <summary>The features, in the order of the row.</summary>
    public IReadOnlyList<FeatureDefinition> Features { get; }

    /// <summary>How far back profiles reach, in milliseconds: older payments and labels are in no window.</summary>
    public long LongestReachMs => Entities.Max(entity =>
        Math.Max(entity.RetentionMs, entity.KeepsLabels ? entity.LabelRetentionMs : 0));

    internal FeatureProgram Program { get; }

    /// <summary>The row index of a feature; -1 if the catalogue does not have it.</summary>
    public int IndexOf(string name) => _indexOf.GetValueOrDefault(name, -1);
}

/// <summary>The computation of a row, as flat arrays in the order of execution.</summary>
internal sealed record FeatureProgram(
    PaymentInstruction[] Payment, AggregateInstruction[][] AggregatesByEntity, FormulaInstruction[] Formulas)
{
    /// <summary>The aggregates that read only payments and requests, by entity.</summary>
    public AggregateInstruction[][] PaymentAggregates { get; } =
        Array.ConvertAll(AggregatesByEntity, own => Array.FindAll(own, instruction => !instruction.ReadsLabels));

    /// <summary>The aggregates that read labels, by entity.</summary>
    public AggregateInstruction[][] LabelAggregates { get; } =
        Array.ConvertAll(AggregatesByEntity, own => Array.FindAll(own, instruction => instruction.ReadsLabels));

    /// <summary>The row indexes of all features that depend on labels, directly or through formulas, in ascending order.</summary>
    public int[] LabelFeatures { get; } = LabelFeaturesOf(AggregatesByEntity, Formulas);

    private static int[] LabelFeaturesOf(AggregateInstruction[][] aggregates, FormulaInstruction[] formulas)
    {
        var found = aggregates.SelectMany(own => own).Where(own => own.ReadsLabels).Select(own => own.Feature).ToHashSet();
        // A formula comes after the formulas it uses.
        foreach (var formula in formulas)
        {
            if (found.Contains(formula.A.Feature) || found.Contains(formula.B.Feature) || found.Contains(formula.C.Feature))
            {
                found.Add(formula.Feature);
            }
        }
        return [.. found.Order()];
    }
}
