namespace FraudScoring.Core.Catalogue;

/// <summary>What the profile of one kind of entity keeps, worked out from the features that read it.</summary>
public sealed class EntityPlan
{
    /// <summary>Most values an event keeps for distinct and repeated counts.</summary>
    public const int MaxDimensions = 6;

    /// <summary>Most windows over one kind of entity: lengths, delays and filters in all their combinations.</summary>
    public const int MaxWindows = 32;

    /// <summary>Most filters over one kind of entity.</summary>
    public const int MaxFilters = 8;

    /// <summary>Name in the catalogue, such as "card_merchant".</summary>
    public required string Name { get; init; }

    /// <summary>Position in the catalogue.</summary>
    public required int Index { get; init; }

    /// <summary>The payment fields that together name the entity.</summary>
    public required IReadOnlyList<PaymentField> Fields { get; init; }

    /// <summary>How many of the newest events are kept exactly, 1 to 256.</summary>
    public required int RecentCapacity { get; init; }

    /// <summary>How many of the newest labels are kept exactly, 0 (labels are not kept) to 256.</summary>
    public required int LabelCapacity { get; init; }

    /// <summary>How many of the newest requests to score are kept, 0 (they are not kept) to 255.</summary>
    public required int AttemptCapacity { get; init; }

    /// <summary>The values kept of each event, at most <see cref="MaxDimensions"/>.</summary>
    public required PaymentField[] Dimensions { get; init; }

    /// <summary>The filters that features ask for, at most <see cref="MaxFilters"/>; each event keeps a bit for each.</summary>
    public required PaymentFilter[] Filters { get; init; }

    /// <summary>Events keep their location.</summary>
    public required bool KeepsLocation { get; init; }

    /// <summary>The windows that features ask for.</summary>
    public required EventWindow[] Windows { get; init; }

    /// <summary>The windows over label arrival.</summary>
    public required LabelWindow[] LabelWindows { get; init; }

    /// <summary>The tile levels in use, by filter, finest first.</summary>
    public required TileLevel[] Levels { get; init; }

    /// <summary>Labels older than the recent ones, by day of arrival.</summary>
    public required TileLevel LabelLevel { get; init; }

    /// <summary>Legitimate labels are counted by day as well as frauds.</summary>
    public required bool CountsAllLabels { get; init; }

    /// <summary>How long an event is of use, in milliseconds: the longest reach of a window back from now.</summary>
    public required long RetentionMs { get; init; }

    /// <summary>The age in milliseconds from which a payment without a label is legitimate; 0 when nothing asks for it.</summary>
    public required long MaturityMs { get; init; }

    /// <summary>True when any feature reads this entity's labels.</summary>
    public bool KeepsLabels => LabelCapacity > 0;
}
