namespace FraudScoring.Core.Catalogue;

/// <summary>The members of a feature that an aggregate takes besides its entity.</summary>
[Flags]
internal enum AggregateMembers
{
    None = 0,
    Window = 1,
    Delay = 2,
    Value = 4,
    Filter = 8,
    Quantile = 16,
    HalfLife = 32,
    Times = 64,
}

/// <summary>The part of an entity's history that an aggregate reads. It decides what the entity's profile has to keep.</summary>
internal enum AggregateSource
{
    /// <summary>All payments of a window, from tiles beyond the recent ones.</summary>
    Payments,
    /// <summary>The recent payments of a window, however long it is.</summary>
    RecentPayments,
    /// <summary>The newest payment.</summary>
    NewestPayment,
    /// <summary>The time of the first payment.</summary>
    FirstPayment,
    /// <summary>The newest payment with a location.</summary>
    Locations,
    /// <summary>The frauds among the labels that arrived in a window.</summary>
    FraudLabels,
    /// <summary>All labels that arrived in a window.</summary>
    AllLabels,
    /// <summary>The newest label that says fraud.</summary>
    NewestFraud,
    /// <summary>The labels on the recent payments, in the order of the payments.</summary>
    Streak,
    /// <summary>The recent requests to score the entity.</summary>
    Attempts,
}

/// <summary>Describes how far an aggregate's value may be from the truth, in a sentence.</summary>
internal delegate string AggregateErrorBound(EntityPlan plan, AggregateDraft draft);

/// <summary>What the catalogue knows of an aggregate: all but how it is computed.</summary>
internal abstract class AggregateDefinition
{
    /// <summary>The name in a catalogue file.</summary>
    public required string Name { get; init; }

    /// <summary>What the aggregate computes, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>The members that a feature of this aggregate has; all others are refused.</summary>
    public required AggregateMembers Members { get; init; }

    /// <summary>What the aggregate reads.</summary>
    public required AggregateSource Source { get; init; }

    /// <summary>What tiles must keep of amounts.</summary>
    public TileContents Tiles { get; init; }

    /// <summary>Unit of the value; null for amounts in the reference currency.</summary>
    public required string? Unit { get; init; }

    /// <summary>How far the value may be from the truth.</summary>
    public required AggregateErrorBound ErrorBound { get; init; }

    /// <summary>The aggregate reads a window over payments.</summary>
    public bool IsOverPaymentTime => Source is AggregateSource.Payments or AggregateSource.RecentPayments;

    /// <summary>The aggregate reads a window over the arrival of labels.</summary>
    public bool IsOverLabelTime => Source is AggregateSource.FraudLabels or AggregateSource.AllLabels;

    /// <summary>The entity must keep labels.</summary>
    public bool ReadsLabels => IsOverLabelTime || Source is AggregateSource.NewestFraud or AggregateSource.Streak;

    /// <summary>Distinct values are counted beyond the recent payments.</summary>
    public bool NeedsSketch => Source == AggregateSource.Payments && Takes(AggregateMembers.Value);

    /// <summary>True when a feature of this aggregate has the member.</summary>
    public bool Takes(AggregateMembers member) => (Members & member) != 0;
}
