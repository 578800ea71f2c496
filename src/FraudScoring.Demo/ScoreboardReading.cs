using FraudScoring.Simulation;
using FraudScoring.V1;

namespace FraudScoring.Demo;

/// <summary>The results of the payments up to a moment.</summary>
internal sealed record ScoreboardReading
{
    /// <summary>Payments by decision, from the mildest.</summary>
    public required IReadOnlyList<NamedCount> Decisions { get; init; }

    /// <summary>Payments by true class; the first are legitimate.</summary>
    public required IReadOnlyList<ScenarioCount> Scenarios { get; init; }

    /// <summary>Times: the round trip, then each stage in the order of the path.</summary>
    public required IReadOnlyList<StageLatency> Latencies { get; init; }

    /// <summary>Answers with a degradation.</summary>
    public required IReadOnlyList<NamedCount> Degradations { get; init; }

    /// <summary>Failed calls, by gRPC status.</summary>
    public required IReadOnlyList<NamedCount> Failures { get; init; }

    /// <summary>Message of the last failed call, or null.</summary>
    public required string? LastFailure { get; init; }

    /// <summary>The latest declined payments, the newest first.</summary>
    public required IReadOnlyList<DeclinedPayment> LatestDeclines { get; init; }

    /// <summary>Payments that were answered.</summary>
    public long Scored => Scenarios.Sum(scenario => scenario.Payments);

    public long Failed => Failures.Sum(failure => failure.Count);

    /// <summary>The frauds alone, by scenario.</summary>
    public IEnumerable<ScenarioCount> Frauds => Scenarios.Where(scenario => scenario.Scenario != FraudScenario.None);

    public ScenarioCount AllFrauds => new(FraudScenario.None, Frauds.Sum(fraud => fraud.Payments), Frauds.Sum(fraud => fraud.Flagged));

    /// <summary>Legitimate payments; those flagged are the false positives.</summary>
    public ScenarioCount Legitimate => Scenarios[(int)FraudScenario.None];

    /// <summary>Share of the flagged payments that are frauds; NaN when none was flagged.</summary>
    public double Precision => (double)AllFrauds.Flagged / (AllFrauds.Flagged + Legitimate.Flagged);
}

internal readonly record struct NamedCount(string Name, long Count);

/// <summary>Payments of one kind, and how many of them got the decision review or a more severe one.</summary>
internal readonly record struct ScenarioCount(FraudScenario Scenario, long Payments, long Flagged)
{
    /// <summary>Payments that passed as if they were legitimate.</summary>
    public long Passed => Payments - Flagged;

    /// <summary>Share that was flagged; NaN when there is none.</summary>
    public double FlaggedShare => (double)Flagged / Payments;
}

/// <summary>Times of a stage, in microseconds.</summary>
internal readonly record struct StageLatency(string Stage, double P50Micros, double P99Micros);

/// <summary>A declined payment, and its true class.</summary>
internal sealed record DeclinedPayment(Payment Payment, FraudScenario Scenario, Assessment Assessment);
