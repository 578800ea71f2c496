using FraudScoring.Core.Statistics;

namespace FraudScoring.Core.Decisions;

/// <summary>What each decision costs, in the catalogue's reference currency; and how payments are cut to find their thresholds.</summary>
public sealed record DecisionCosts
{
    /// <summary>What a fraud that passes costs.</summary>
    public FraudCost Fraud { get; init; } = new(LossShare: 1, Fixed: 20);

    /// <summary>What a review costs, and what it saves.</summary>
    public ReviewCost Review { get; init; } = new(Cost: 2, Catches: 0.75, PerDay: 50);

    /// <summary>What a challenge costs, and what it saves.</summary>
    public ChallengeCost Challenge { get; init; } = new(Cost: 0.2, Stops: 0.9, LegitimateLost: 0.15);

    /// <summary>What it costs to decline a legitimate payment.</summary>
    public FalseDeclineCost FalseDecline { get; init; } = new(AmountShare: 0.2, Fixed: 15);

    /// <summary>How payments are cut into segments.</summary>
    public SegmentRule Segments { get; init; } = new(By: "channel", LeastPayments: 1000, LeastFrauds: 30) { Amounts = [50, 200] };

    /// <summary>What each decision costs for one payment.</summary>
    /// <param name="amount">Its amount in the reference currency.</param>
    /// <param name="fraud">What it is in truth.</param>
    public ActionCosts Compute(double amount, bool fraud)
    {
        if (fraud)
        {
            var loss = (Fraud.LossShare * amount) + Fraud.Fixed;
            return new ActionCosts(loss, Review.Cost + ((1 - Review.Catches) * loss), Challenge.Cost + ((1 - Challenge.Stops) * loss), 0);
        }
        var lost = (FalseDecline.AmountShare * amount) + FalseDecline.Fixed;
        return new ActionCosts(0, Review.Cost, Challenge.Cost + (Challenge.LegitimateLost * lost), lost);
    }
}

/// <summary>What a fraud that passes costs.</summary>
/// <param name="LossShare">Share of the amount that is lost.</param>
/// <param name="Fixed">What it costs besides, such as the fee of a chargeback.</param>
public sealed record FraudCost(double LossShare, double Fixed);

/// <summary>What a review costs, and what it saves.</summary>
/// <param name="Cost">Of one review.</param>
/// <param name="Catches">Share of the reviewed frauds whose loss is averted.</param>
/// <param name="PerDay">Reviews that can be made in a day, over all segments.</param>
public sealed record ReviewCost(double Cost, double Catches, double PerDay);

/// <summary>What a challenge costs, and what it saves.</summary>
/// <param name="Cost">Of one challenge.</param>
/// <param name="Stops">Share of the challenged frauds that do not pass it.</param>
/// <param name="LegitimateLost">Share of the legitimate payments that are not made because of it: as if they had been declined.</param>
public sealed record ChallengeCost(double Cost, double Stops, double LegitimateLost);

/// <summary>What it costs to decline a legitimate payment.</summary>
/// <param name="AmountShare">Share of the amount: the margin.</param>
/// <param name="Fixed">What it costs besides: the customer's trust, a call.</param>
public sealed record FalseDeclineCost(double AmountShare, double Fixed);

/// <summary>How payments are cut into segments.</summary>
/// <param name="By">One of <see cref="SegmentScheme.Fields"/>; null for none.</param>
/// <param name="LeastPayments">A segment with fewer payments has no thresholds of its own.</param>
/// <param name="LeastFrauds">A segment with fewer frauds has none either.</param>
public sealed record SegmentRule(string? By, int LeastPayments, int LeastFrauds)
{
    /// <summary>Amounts in the reference currency from which on another band begins.</summary>
    public IReadOnlyList<double> Amounts { get; init; } = [];
}

/// <summary>The cost of a decision among those of all.</summary>
public static class DecisionCost
{
    /// <summary>What a decision costs.</summary>
    public static double CostOf(this in ActionCosts costs, Decision decision) => decision switch
    {
        Decision.Decline => costs.Decline,
        Decision.Challenge => costs.Challenge,
        Decision.Review => costs.Review,
        _ => costs.Approve,
    };
}
