namespace FraudScoring.Core.Catalogue;

/// <summary>Members of a feature's definition that an aggregate uses, in addition to its entity.</summary>
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

/// <summary>The part of an entity's history that an aggregate reads, which decides what the entity's profile keeps.</summary>
internal enum AggregateSource
{
    /// <summary>All payments of a window: recent ones individually, older ones from tiles.</summary>
    Payments,
    /// <summary>Only those payments of a window that are still kept individually.</summary>
    RecentPayments,
    /// <summary>The newest payment, whether or not it is in a window.</summary>
    NewestPayment,
    /// <summary>The time of the first payment.</summary>
    FirstPayment,
    /// <summary>The newest payment with a location.</summary>
    Locations,
    /// <summary>The fraud labels that arrived in a window.</summary>
    FraudLabels,
    /// <summary>All labels that arrived in a window.</summary>
    AllLabels,
    /// <summary>The newest label that says fraud.</summary>
    NewestFraud,
    /// <summary>The labels of the recent payments, by payment time.</summary>
    Streak,
    /// <summary>The recent requests to score a payment of the entity.</summary>
    Attempts,
}

/// <summary>Describes the error of an aggregate's value, as a sentence.</summary>
internal delegate string AggregateErrorBound(EntityPlan plan, AggregateDraft draft);

/// <summary>An aggregate as the catalogue sees it: everything except its computation.</summary>
internal abstract class AggregateDefinition
{
    /// <summary>Name in a catalogue file, such as "count".</summary>
    public required string Name { get; init; }

    /// <summary>What the aggregate computes, as a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>The members that a feature of this aggregate may have; the reader rejects all others.</summary>
    public required AggregateMembers Members { get; init; }

    public required AggregateSource Source { get; init; }

    /// <summary>What the tiles have to keep about amounts.</summary>
    public TileContents Tiles { get; init; }

    /// <summary>Unit of the value; null for amounts in the reference currency.</summary>
    public required string? Unit { get; init; }

    public required AggregateErrorBound ErrorBound { get; init; }

    public bool IsOverPaymentTime => Source is AggregateSource.Payments or AggregateSource.RecentPayments;

    public bool IsOverLabelTime => Source is AggregateSource.FraudLabels or AggregateSource.AllLabels;

    public bool ReadsLabels => IsOverLabelTime || Source is AggregateSource.NewestFraud or AggregateSource.Streak;

    /// <summary>True if tiles need a sketch, because distinct values are counted beyond the recent payments.</summary>
    public bool NeedsSketch => Source == AggregateSource.Payments && Takes(AggregateMembers.Value);

    public bool Takes(AggregateMembers member) => (Members & member) != 0;
}
