using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Selects the payments of a feature: those for which all conditions hold.</summary>
public sealed class PaymentFilter
{
    private readonly PaymentCondition[] _conditions;

    internal PaymentFilter(IEnumerable<PaymentCondition> conditions)
    {
        _conditions = [.. conditions.OrderBy(c => c.Text, StringComparer.Ordinal)];
        Text = string.Join(" and ", _conditions.Select(c => c.Text));
    }

    /// <summary>
    /// The conditions, sorted so that equal filters have equal texts: <c>amount &gt;= 100 EUR and channel in ("atm")</c>.
    /// </summary>
    public string Text { get; }

    /// <summary>Returns whether all conditions hold. Allocates nothing.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">Its amount in minor units of the reference currency.</param>
    public bool Holds(Payment payment, long amount)
    {
        foreach (var condition in _conditions)
        {
            if (!condition.Holds(payment, amount))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A condition of a filter.</summary>
/// <param name="Text">The condition in canonical form: equal conditions have equal texts.</param>
internal abstract record PaymentCondition(string Text)
{
    public abstract bool Holds(Payment payment, long amount);
}

/// <summary>The amount is in [at least, below), in minor units of the reference currency.</summary>
internal sealed record AmountCondition(string Text, long AtLeast, long Below) : PaymentCondition(Text)
{
    public override bool Holds(Payment payment, long amount) => amount >= AtLeast && amount < Below;
}

/// <summary>The field has one of the given texts. A payment without the field does not pass.</summary>
internal sealed record TextCondition(string Text, PaymentField Field, FrozenSet<string> Values) : PaymentCondition(Text)
{
    public override bool Holds(Payment payment, long amount) => Field.TextOf(payment) is { } text && Values.Contains(text);
}

/// <summary>The channel or merchant category is one of the given numbers.</summary>
internal sealed record NumberCondition(string Text, PaymentField Field, FrozenSet<int> Values) : PaymentCondition(Text)
{
    public override bool Holds(Payment payment, long amount) => Values.Contains(Field.NumberOf(payment));
}
