using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// The compiled feature catalogue: which entities have profiles, what profiles keep, and how a row is computed. Immutable.
/// </summary>
public sealed class FeatureCatalogue
{
    private readonly FrozenDictionary<string, int> _indexOf;
    private readonly FrozenDictionary<string, long> _ratesE9;

    internal FeatureCatalogue(
        string hash, Currency reference, Dictionary<string, long> ratesE9, Dictionary<string, string> reasons,
        EntityPlan[] entities, FeatureDefinition[] features, FeatureProgram program)
    {
        Hash = hash;
        ReferenceCurrency = reference;
        _ratesE9 = ratesE9.ToFrozenDictionary(StringComparer.Ordinal);
        Reasons = reasons.ToFrozenDictionary(StringComparer.Ordinal);
        Entities = entities;
        Features = features;
        Program = program;
        _indexOf = features.ToFrozenDictionary(f => f.Name, f => f.Index, StringComparer.Ordinal);
        LayoutHash = ProfileLayout.HashOf(reference, _ratesE9, entities);
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

    internal FeatureProgram Program { get; }

    /// <summary>The row index of a feature; -1 if the catalogue does not have it.</summary>
    public int IndexOf(string name) => _indexOf.GetValueOrDefault(name, -1);

    /// <summary>The currency codes that have a rate, in alphabetical order.</summary>
    public IEnumerable<string> Currencies => _ratesE9.Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// Converts an amount to minor units of the reference currency, rounded half up and capped at <see cref="DecimalAmount.MaxMinor"/>.
    /// </summary>
    /// <remarks>
    /// Profiles sum amounts as integers: an integer sum does not depend on the order of its terms, so events can arrive in any order and
    /// serving and training still agree to the bit. A sum of doubles would differ in its last bits. Rates are integers too, in units of
    /// 1e-9. With the cap, the 64-bit sum of a tile overflows only after nine million payments of the largest amount.
    /// </remarks>
    /// <returns>False if the catalogue has no rate for the currency.</returns>
    public bool TryConvert(long amountMinor, Currency currency, out long amount)
    {
        amount = 0;
        if (!_ratesE9.TryGetValue(currency.Code, out var rate))
        {
            return false;
        }
        amount = (long)Int128.Min((((Int128)amountMinor * rate) + 500_000_000) / 1_000_000_000, DecimalAmount.MaxMinor);
        return true;
    }
}

/// <summary>The computation of a row, as flat arrays in the order of execution.</summary>
internal sealed record FeatureProgram(
    PaymentInstruction[] Payment, AggregateInstruction[][] AggregatesByEntity, FormulaInstruction[] Formulas);
