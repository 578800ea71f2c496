namespace FraudScoring.Core.Decisions;

/// <summary>What to do with a payment, in order of severity.</summary>
public enum Decision
{
    /// <summary>Let it pass.</summary>
    Approve = 1,
    /// <summary>Let it pass, and queue it for an analyst.</summary>
    Review = 2,
    /// <summary>Ask the payer for further authentication before it passes.</summary>
    Challenge = 3,
    /// <summary>Stop it.</summary>
    Decline = 4,
}

/// <summary>What was missing or stale when a payment was scored, in order of severity.</summary>
public enum Degradation
{
    /// <summary>Nothing.</summary>
    None = 1,
    /// <summary>The stream that updates the profiles is behind.</summary>
    StaleFeatures = 2,
    /// <summary>Some or all profiles could not be read in time; their features were missing values.</summary>
    MissingFeatures = 3,
    /// <summary>The decision was answered, but its record could not be kept.</summary>
    Unrecorded = 4,
    /// <summary>No model ran: only lists and rules decided.</summary>
    RulesOnly = 5,
}

/// <summary>The least fraud probabilities at which a payment is reviewed, challenged and declined.</summary>
/// <param name="Review">0 to 1.</param>
/// <param name="Challenge">Not less than <paramref name="Review"/>.</param>
/// <param name="Decline">Not less than <paramref name="Challenge"/>.</param>
public readonly record struct Thresholds(double Review, double Challenge, double Decline)
{
    /// <summary>True if all are probabilities in ascending order.</summary>
    public bool AreValid => Review >= 0 && Challenge >= Review && Decline >= Challenge && Decline <= 1;

    /// <summary>The decision for a fraud probability.</summary>
    public Decision Decide(double probability) =>
        probability >= Decline ? Decisions.Decision.Decline
        : probability >= Challenge ? Decisions.Decision.Challenge
        : probability >= Review ? Decisions.Decision.Review
        : Decisions.Decision.Approve;
}

/// <summary>A reason that is reported with a decision.</summary>
/// <param name="Code">Stable code, such as "CARD_VELOCITY".</param>
/// <param name="Text">What the code means, as a sentence.</param>
/// <param name="Contribution">Contribution to the ensemble's margin (log-odds); 0 for rules and lists.</param>
public readonly record struct Reason(string Code, string Text, double Contribution);
