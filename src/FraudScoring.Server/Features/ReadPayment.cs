using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>A payment as it was read from the log, on its way into the profiles.</summary>
/// <param name="Source">Its partition, as <see cref="AppliedOffsets.SourceOf"/> numbers it.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Payment">The payment.</param>
/// <param name="Amount">The payment's amount in minor units of the reference currency.</param>
/// <param name="Transaction">The keyed hash of its transaction id.</param>
/// <param name="Entities">The keyed hashes of its entities, in the order of the catalogue.</param>
internal sealed record ReadPayment(int Source, long Offset, Payment Payment, long Amount, EntityKey Transaction, EntityKey[] Entities)
{
    /// <summary>The transaction came before, with another record.</summary>
    public bool IsDuplicate { get; set; }

    /// <summary>A label that came before its transaction.</summary>
    public ParkedLabel? Parked { get; set; }
}
