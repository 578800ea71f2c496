using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Decisions;

/// <summary>
/// Selects the reasons to report: first the list or rules that fired, then the groups of features that raised the margin most. Features
/// that share a reason code form one group, which is reported once with the sum of their contributions.
/// </summary>
public sealed class ReasonSelector
{
    /// <summary>Maximum number of reasons of one decision.</summary>
    public const int MaxReasons = 4;

    /// <summary>Reason code of a payment on a blocking list of the policy.</summary>
    public const string BlockedCode = "LIST_BLOCKED";

    /// <summary>Reason code of a payment on a trusting list of the policy.</summary>
    public const string TrustedCode = "LIST_TRUSTED";

    private readonly string[] _codes;
    private readonly string[] _texts;
    private readonly int[] _groupOf;
    private readonly DecisionPolicy _policy;

    /// <param name="catalogue">Defines the reason of each feature.</param>
    /// <param name="policy">Defines the rules.</param>
    public ReasonSelector(FeatureCatalogue catalogue, DecisionPolicy policy)
    {
        _policy = policy;
        _codes = [.. catalogue.Reasons.Keys.Order(StringComparer.Ordinal)];
        _texts = [.. _codes.Select(code => catalogue.Reasons[code])];
        _groupOf = [.. catalogue.Features.Select(f => f.Reason is null ? -1 : Array.IndexOf(_codes, f.Reason))];
    }

    /// <summary>Writes the reasons of a decision, the strongest first.</summary>
    /// <param name="outcome">The outcome of the policy.</param>
    /// <param name="contributions">One contribution per feature of the catalogue; empty if they were not computed.</param>
    /// <param name="reasons">Destination with room for <see cref="MaxReasons"/>.</param>
    /// <returns>The number of reasons written.</returns>
    public int Select(PolicyOutcome outcome, ReadOnlySpan<double> contributions, Span<Reason> reasons)
    {
        var count = SelectPolicy(outcome, reasons);
        Span<double> sums = stackalloc double[_codes.Length];
        sums.Clear();
        for (var i = 0; i < contributions.Length; i++)
        {
            if (_groupOf[i] >= 0)
            {
                sums[_groupOf[i]] += contributions[i];
            }
        }
        while (count < MaxReasons && Strongest(sums) is var best && best >= 0)
        {
            reasons[count++] = new Reason(_codes[best], _texts[best], sums[best]);
            sums[best] = 0;
        }
        return count;
    }

    private int SelectPolicy(PolicyOutcome outcome, Span<Reason> reasons)
    {
        if (outcome.List != ListHit.None)
        {
            reasons[0] = outcome.List == ListHit.Blocked
                ? new Reason(BlockedCode, "The payment is on a list that declines it", 0)
                : new Reason(TrustedCode, "The payment is on a list that approves it", 0);
            return 1;
        }
        var count = 0;
        for (var i = 0; i < _policy.Rules.Count && count < MaxReasons; i++)
        {
            if ((outcome.FiredRules >> i & 1) != 0)
            {
                reasons[count++] = new Reason(_policy.Rules[i].Code, _policy.Rules[i].Text, 0);
            }
        }
        return count;
    }

    private static int Strongest(ReadOnlySpan<double> sums)
    {
        var best = -1;
        for (var i = 0; i < sums.Length; i++)
        {
            if (sums[i] > 0 && (best < 0 || sums[i] > sums[best]))
            {
                best = i;
            }
        }
        return best;
    }
}
