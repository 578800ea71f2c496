using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>One record of the log as an update of a profile.</summary>
/// <param name="Position">Where the record is in the log.</param>
/// <param name="Payment">The payment; null for a label.</param>
/// <param name="Amount">The payment's amount in minor units of the reference currency.</param>
/// <param name="Label">The label; null for a payment.</param>
internal readonly record struct ProfileUpdate(RecordPosition Position, Payment? Payment, long Amount, Label? Label)
{
    /// <summary>Source of an update without a partition; the caller makes sure that it is applied once.</summary>
    public const int NoSource = -1;

    /// <summary>Applies the record to a profile, unless the profile has it already.</summary>
    public AppliedAs ApplyTo(EntityProfile profile)
    {
        if (Position.Source != NoSource && !profile.Applied.Advance(Position.Source, Position.Offset))
        {
            return AppliedAs.Known;
        }
        if (Position.Source != NoSource)
        {
            profile.Applied.RemoveBefore(Position.Source);
        }
        if (Payment is not null && !profile.Add(ProfileEvent.Create(profile.Plan, Payment, Amount)))
        {
            return AppliedAs.Copy;
        }
        if (Label is not null)
        {
            profile.Labels.Add(new ProfileLabel(ProfileEvent.IdOf(Label.TransactionId), Label.LabelTimeMs, Label.Fraud));
        }
        return AppliedAs.New;
    }
}
