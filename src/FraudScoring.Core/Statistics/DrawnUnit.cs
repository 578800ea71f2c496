namespace FraudScoring.Core.Statistics;

/// <summary>What a bootstrap draws with replacement.</summary>
public enum DrawnUnit
{
    /// <summary>Cards, each with all of its payments.</summary>
    Cards,

    /// <summary>Single payments, because there are too few cards.</summary>
    Payments,
}
