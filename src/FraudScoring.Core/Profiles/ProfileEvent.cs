using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Profiles;

/// <summary>The part of a payment that an entity profile keeps.</summary>
public struct ProfileEvent
{
    /// <summary>Stands for "no location" in <see cref="LatitudeE4"/>.</summary>
    public const int NoLocation = int.MinValue;

    /// <summary>When the payment was made, milliseconds since the Unix epoch.</summary>
    public long TimeMs;
    /// <summary>40 bits of the transaction id's hash.</summary>
    public ulong Id;
    /// <summary>Amount in minor units of the catalogue's reference currency.</summary>
    public long Amount;
    /// <summary>The values of the plan's dimensions, 24 bits each, 0 where absent.</summary>
    public DimensionValues Dimensions;
    /// <summary>Latitude in ten-thousandths of a degree, or <see cref="NoLocation"/>.</summary>
    public int LatitudeE4;
    /// <summary>Longitude in ten-thousandths of a degree.</summary>
    public int LongitudeE4;
    /// <summary>One bit per filter of the plan: the payment passes it.</summary>
    public byte Filters;

    /// <summary>True when the payment passes the filter; -1 stands for none, which all pass.</summary>
    public readonly bool Passes(int filter) => filter < 0 || (Filters >> filter & 1) != 0;

    /// <summary>40 bits that stand for a transaction id inside a profile.</summary>
    public static ulong IdOf(string transactionId) => StableHash.Compute(transactionId) >> 24;

    /// <summary>The order of events: by time, then by id, so that it does not depend on arrival.</summary>
    public static int Compare(in ProfileEvent a, in ProfileEvent b) =>
        a.TimeMs != b.TimeMs ? a.TimeMs.CompareTo(b.TimeMs) : a.Id.CompareTo(b.Id);

    /// <summary>Takes from a payment what one kind of entity keeps.</summary>
    /// <param name="plan">The kind of entity.</param>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">The payment's amount in minor units of the reference currency.</param>
    public static ProfileEvent Create(EntityPlan plan, Payment payment, long amount)
    {
        var located = plan.KeepsLocation && !double.IsNaN(payment.Latitude);
        var kept = new ProfileEvent
        {
            TimeMs = payment.EventTimeMs,
            Id = IdOf(payment.TransactionId),
            Amount = amount,
            LatitudeE4 = located ? (int)Math.Round(payment.Latitude * 1e4) : NoLocation,
            LongitudeE4 = located ? (int)Math.Round(payment.Longitude * 1e4) : 0,
        };
        for (var d = 0; d < plan.Dimensions.Length; d++)
        {
            kept.Dimensions[d] = plan.Dimensions[d].ValueOf(payment);
        }
        for (var f = 0; f < plan.Filters.Length; f++)
        {
            kept.Filters |= plan.Filters[f].Holds(payment, amount) ? (byte)(1 << f) : (byte)0;
        }
        return kept;
    }
}

/// <summary>One value per dimension of the plan.</summary>
[InlineArray(EntityPlan.MaxDimensions)]
public struct DimensionValues
{
    private uint _first;
}

/// <summary>The part of a label that an entity profile keeps.</summary>
/// <param name="Id">40 bits of the transaction id's hash.</param>
/// <param name="LabelTimeMs">When the label became known, milliseconds since the Unix epoch.</param>
/// <param name="Fraud">True for fraud.</param>
public readonly record struct ProfileLabel(ulong Id, long LabelTimeMs, bool Fraud)
{
    /// <summary>
    /// The order of labels: by arrival, then by id and label, so that it does not depend on the order they are applied in.
    /// </summary>
    public static int Compare(in ProfileLabel a, in ProfileLabel b) => a.LabelTimeMs != b.LabelTimeMs
        ? a.LabelTimeMs.CompareTo(b.LabelTimeMs)
        : a.Id != b.Id ? a.Id.CompareTo(b.Id) : a.Fraud.CompareTo(b.Fraud);
}
