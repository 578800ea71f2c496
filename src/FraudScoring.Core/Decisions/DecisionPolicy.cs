using System.Collections.Frozen;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>
/// Decides on payments: first by lists, then by comparing the model's probability with thresholds; rules can only raise the decision.
/// Immutable, and allocates nothing.
/// </summary>
public sealed class DecisionPolicy
{
    /// <summary>Maximum number of rules: <see cref="PolicyOutcome.FiredRules"/> has one bit per rule.</summary>
    public const int MaxRules = 64;

    private readonly PolicyList[] _blocked;
    private readonly PolicyList[] _trusted;
    private readonly Currency _reference;

    internal DecisionPolicy(
        string hash, Currency reference, ThresholdTable? thresholds, Decision withoutModel, PolicyList[] blocked, PolicyList[] trusted,
        PolicyRule[] rules)
    {
        Hash = hash;
        Thresholds = thresholds;
        WithoutModel = withoutModel;
        _blocked = blocked;
        _trusted = trusted;
        _reference = reference;
        Rules = rules;
    }

    /// <summary>SHA-256 of the policy file, 64 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>Thresholds that replace the model's own; null to use the model's.</summary>
    public ThresholdTable? Thresholds { get; }

    /// <summary>The least severe decision if no model ran.</summary>
    public Decision WithoutModel { get; }

    /// <summary>The rules, in the order of the policy.</summary>
    public IReadOnlyList<PolicyRule> Rules { get; }

    /// <summary>Decides on a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">Its amount in minor units of the catalogue's reference currency; negative if it is unknown.</param>
    /// <param name="row">Its features.</param>
    /// <param name="probability">The calibrated fraud probability; null or NaN if no model returned one.</param>
    /// <param name="modelThresholds">The model's own thresholds; null if no model returned a probability.</param>
    public PolicyOutcome Decide(Payment payment, long amount, ReadOnlySpan<float> row, double? probability, ThresholdTable? modelThresholds)
    {
        if (Contains(_blocked, payment))
        {
            return new PolicyOutcome(Decision.Decline, 0, ListHit.Blocked);
        }
        if (Contains(_trusted, payment))
        {
            return new PolicyOutcome(Decision.Approve, 0, ListHit.Trusted);
        }
        var decision = probability is { } p && !double.IsNaN(p) && (Thresholds ?? modelThresholds) is { } thresholds
            ? thresholds.Select(PaymentTraits.Create(payment, amount)).Decide(p)
            : WithoutModel;
        var context = new RuleContext(
            payment, amount < 0 ? double.NaN : (double)amount / _reference.MinorPerUnit, row, probability ?? double.NaN);
        ulong fired = 0;
        for (var i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].When.Test(in context))
            {
                fired |= 1UL << i;
                decision = Rules[i].Then > decision ? Rules[i].Then : decision;
            }
        }
        return new PolicyOutcome(decision, fired, ListHit.None);
    }

    /// <summary>Finds all fields of a payment that are on a list, those on blocking lists first.</summary>
    public IEnumerable<(ListHit List, string Field)> FindListed(Payment payment) =>
        _blocked.Where(list => list.Contains(payment)).Select(list => (ListHit.Blocked, list.Field.Name))
            .Concat(_trusted.Where(list => list.Contains(payment)).Select(list => (ListHit.Trusted, list.Field.Name)));

    private static bool Contains(PolicyList[] lists, Payment payment)
    {
        foreach (var list in lists)
        {
            if (list.Contains(payment))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>The decision of the policy, and which of its parts contributed.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="FiredRules">Bit i is set if rule i held.</param>
/// <param name="List">The list that decided, if any.</param>
public readonly record struct PolicyOutcome(Decision Decision, ulong FiredRules, ListHit List);

/// <summary>Which list a payment is on.</summary>
public enum ListHit
{
    /// <summary>No list.</summary>
    None,
    /// <summary>Declined whatever the model says.</summary>
    Blocked,
    /// <summary>Approved whatever the model says.</summary>
    Trusted,
}

/// <summary>A rule: if its condition holds, the decision is at least as severe as <see cref="Then"/>.</summary>
public sealed class PolicyRule
{
    internal PolicyRule(string code, string text, Decision then, Expression<RuleContext> when) =>
        (Code, Text, Then, When) = (code, text, then, when);

    /// <summary>Stable reason code.</summary>
    public string Code { get; }

    /// <summary>What the rule means, as a sentence.</summary>
    public string Text { get; }

    /// <summary>The least severe decision if the rule holds.</summary>
    public Decision Then { get; }

    /// <summary>The condition.</summary>
    public Expression<RuleContext> When { get; }
}

internal sealed record PolicyList(PaymentField Field, FrozenSet<string> Values)
{
    public bool Contains(Payment payment) => Field.TextOf(payment) is { } text && Values.Contains(text);
}
