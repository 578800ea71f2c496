using FraudScoring.Core.Statistics;

namespace FraudScoring.Core.Decisions;

/// <summary>What decisions cost, in the catalogue's reference currency, and how payments are divided into segments.</summary>
public sealed record DecisionCosts
{
    /// <summary>The cost of a fraud that is approved.</summary>
    public FraudCost Fraud { get; init; } = new(LossShare: 1, Fixed: 20);

    /// <summary>The cost and the effect of a review.</summary>
    public ReviewCost Review { get; init; } = new(Cost: 2, Catches: 0.75, PerDay: 50);

    /// <summary>The cost and the effect of a challenge.</summary>
    public ChallengeCost Challenge { get; init; } = new(Cost: 0.2, Stops: 0.9, LegitimateLost: 0.15);

    /// <summary>The cost of declining a legitimate payment.</summary>
    public FalseDeclineCost FalseDecline { get; init; } = new(AmountShare: 0.2, Fixed: 15);

    /// <summary>How payments are divided into segments.</summary>
    public SegmentRule Segments { get; init; } = new(By: "channel", LeastPayments: 1000, LeastFrauds: 30) { Amounts = [50, 200] };

    /// <summary>Computes the cost of each decision on one payment.</summary>
    /// <param name="amount">Its amount in the reference currency.</param>
    /// <param name="fraud">True if it is a fraud.</param>
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

/// <summary>The cost of a fraud that is approved.</summary>
/// <param name="LossShare">Share of the amount that is lost, 0 to 10.</param>
/// <param name="Fixed">Additional cost per fraud, such as the chargeback fee.</param>
public sealed record FraudCost(double LossShare, double Fixed);

/// <summary>The cost and the effect of a review.</summary>
/// <param name="Cost">Cost of one review.</param>
/// <param name="Catches">Share of the reviewed frauds whose loss is prevented, 0 to 1.</param>
/// <param name="PerDay">Capacity for reviews per day, over all segments.</param>
public sealed record ReviewCost(double Cost, double Catches, double PerDay);

/// <summary>The cost and the effect of a challenge.</summary>
/// <param name="Cost">Cost of one challenge.</param>
/// <param name="Stops">Share of the challenged frauds that fail it, 0 to 1.</param>
/// <param name="LegitimateLost">
/// Share of the challenged legitimate payments that are abandoned, 0 to 1. They cost as much as a false decline.
/// </param>
public sealed record ChallengeCost(double Cost, double Stops, double LegitimateLost);

/// <summary>The cost of declining a legitimate payment.</summary>
/// <param name="AmountShare">Share of the amount, which is the lost margin, 0 to 10.</param>
/// <param name="Fixed">Additional cost, such as a support call and lost trust.</param>
public sealed record FalseDeclineCost(double AmountShare, double Fixed);

/// <summary>How payments are divided into segments.</summary>
/// <param name="By">The segmenting field, one of <see cref="SegmentScheme.Fields"/>; null for none.</param>
/// <param name="LeastPayments">A segment with fewer payments gets no thresholds of its own: they would fit noise.</param>
/// <param name="LeastFrauds">A segment with fewer frauds gets no thresholds of its own either.</param>
public sealed record SegmentRule(string? By, int LeastPayments, int LeastFrauds)
{
    /// <summary>Lower bounds of the amount bands after the first, in the reference currency.</summary>
    public IReadOnlyList<double> Amounts { get; init; } = [];
}

/// <summary>Selects the cost of a decision.</summary>
public static class DecisionCost
{
    /// <summary>Returns the cost of the decision.</summary>
    public static double CostOf(this in ActionCosts costs, Decision decision) => decision switch
    {
        Decision.Decline => costs.Decline,
        Decision.Challenge => costs.Challenge,
        Decision.Review => costs.Review,
        _ => costs.Approve,
    };
}
