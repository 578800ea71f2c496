using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Profiles;

/// <summary>The part of a payment that an entity profile keeps.</summary>
public struct ProfileEvent
{
    /// <summary>Value of <see cref="LatitudeE4"/> for an event without a location.</summary>
    public const int NoLocation = int.MinValue;

    /// <summary>When the payment was made, in milliseconds since the Unix epoch.</summary>
    public long TimeMs;
    /// <summary>40 bits of the transaction id's hash.</summary>
    public ulong Id;
    /// <summary>
    /// Amount in minor units of the catalogue's reference currency; <see cref="DecimalAmount.Unknown"/> without an exchange rate.
    /// </summary>
    public long Amount;
    /// <summary>The 24-bit values of the plan's dimensions; 0 if absent.</summary>
    public DimensionValues Dimensions;
    /// <summary>Latitude in ten-thousandths of a degree, or <see cref="NoLocation"/>.</summary>
    public int LatitudeE4;
    /// <summary>Longitude in ten-thousandths of a degree.</summary>
    public int LongitudeE4;
    /// <summary>One bit per filter of the plan, set if the payment passes it.</summary>
    public byte Filters;

    /// <summary>Returns whether the payment passes the filter; every payment passes -1, which is no filter.</summary>
    public readonly bool Passes(int filter) => filter < 0 || (Filters >> filter & 1) != 0;

    /// <summary>The 40-bit hash that identifies a transaction within a profile.</summary>
    /// <remarks>
    /// Five bytes instead of an id of up to 64 characters. A collision matters only within one profile: among its 256 events, the
    /// probability is 3e-8.
    /// </remarks>
    public static ulong IdOf(string transactionId) => StableHash.Compute(transactionId) >> 24;

    /// <summary>Compares events by time, then by id, so that their order does not depend on arrival.</summary>
    public static int Compare(in ProfileEvent a, in ProfileEvent b) =>
        a.TimeMs != b.TimeMs ? a.TimeMs.CompareTo(b.TimeMs) : a.Id.CompareTo(b.Id);

    /// <summary>Extracts the part of a payment that one kind of entity keeps.</summary>
    /// <param name="plan">The plan of the entity.</param>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">The payment's amount in minor units of the reference currency, or <see cref="DecimalAmount.Unknown"/>.</param>
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
/// <param name="LabelTimeMs">When the label became known, in milliseconds since the Unix epoch.</param>
/// <param name="Fraud">True for fraud.</param>
public readonly record struct ProfileLabel(ulong Id, long LabelTimeMs, bool Fraud)
{
    /// <summary>
    /// Compares labels by arrival, then by id and label, so that their order does not depend on the order they are applied in.
    /// </summary>
    public static int Compare(in ProfileLabel a, in ProfileLabel b) => a.LabelTimeMs != b.LabelTimeMs
        ? a.LabelTimeMs.CompareTo(b.LabelTimeMs)
        : a.Id != b.Id ? a.Id.CompareTo(b.Id) : a.Fraud.CompareTo(b.Fraud);
}
