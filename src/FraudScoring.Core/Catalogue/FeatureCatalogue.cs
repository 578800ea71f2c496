using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// The feature catalogue, compiled: which entities have profiles, what the profiles keep, and how a row is filled. Immutable.
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
    /// Eight hexadecimal digits over all that shapes the stored profiles. Part of every key, so that profiles of different shapes
    /// never meet. Reason texts and formulas do not change it.
    /// </summary>
    public string LayoutHash { get; }

    /// <summary>The currency all amounts are turned into.</summary>
    public Currency ReferenceCurrency { get; }

    /// <summary>Reason texts by code.</summary>
    public IReadOnlyDictionary<string, string> Reasons { get; }

    /// <summary>The kinds of entity, in the order of the catalogue.</summary>
    public IReadOnlyList<EntityPlan> Entities { get; }

    /// <summary>The features, in the order of the row.</summary>
    public IReadOnlyList<FeatureDefinition> Features { get; }

    internal FeatureProgram Program { get; }

    /// <summary>The row index of a feature, or -1.</summary>
    public int IndexOf(string name) => _indexOf.GetValueOrDefault(name, -1);

    /// <summary>The currencies there are rates for.</summary>
    public IEnumerable<string> Currencies => _ratesE9.Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// Turns an amount into minor units of the reference currency, in integers; what would be more than
    /// <see cref="DecimalAmount.MaxMinor"/> is that, so that sums of amounts stay within their integers.
    /// </summary>
    /// <returns>False when the catalogue has no rate for the currency.</returns>
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

/// <summary>The catalogue's features as flat arrays, in the order they are computed.</summary>
internal sealed record FeatureProgram(
    PaymentInstruction[] Payment, AggregateInstruction[][] AggregatesByEntity, FormulaInstruction[] Formulas);
