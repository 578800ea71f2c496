namespace FraudScoring.Core.Catalogue;

/// <summary>What the profiles of one kind of entity keep, derived from the features that read them.</summary>
public sealed class EntityPlan
{
    /// <summary>Maximum number of dimensions: payment fields whose values features count.</summary>
    public const int MaxDimensions = 6;

    /// <summary>Maximum number of windows, which are the combinations of length, delay and filter that features use.</summary>
    public const int MaxWindows = 32;

    /// <summary>Maximum number of filters. An event stores one bit per filter in a byte.</summary>
    public const int MaxFilters = 8;

    /// <summary>Number of newest frauds before the newest labels that are kept individually, of an entity that keeps labels.</summary>
    public const int FraudCapacity = 256;

    /// <summary>Name in the catalogue, such as "card_merchant".</summary>
    public required string Name { get; init; }

    /// <summary>Position in the catalogue.</summary>
    public required int Index { get; init; }

    /// <summary>The payment fields whose values identify an entity, in order.</summary>
    public required IReadOnlyList<PaymentField> Fields { get; init; }

    /// <summary>Number of newest events that are kept individually, 1 to 256.</summary>
    public required int RecentCapacity { get; init; }

    /// <summary>Number of newest labels that are kept individually, 1 to 256; 0 if labels are not kept.</summary>
    public required int LabelCapacity { get; init; }

    /// <summary>Number of newest scoring requests that are kept, 1 to 255; 0 if they are not kept.</summary>
    public required int AttemptCapacity { get; init; }

    /// <summary>The payment fields whose values each event keeps, at most <see cref="MaxDimensions"/>.</summary>
    public required PaymentField[] Dimensions { get; init; }

    /// <summary>The filters that features use, at most <see cref="MaxFilters"/>; each event keeps one bit per filter.</summary>
    public required PaymentFilter[] Filters { get; init; }

    /// <summary>True if events keep their location.</summary>
    public required bool KeepsLocation { get; init; }

    /// <summary>The windows over payment time that features use.</summary>
    public required EventWindow[] Windows { get; init; }

    /// <summary>The windows over label arrival that features use.</summary>
    public required LabelWindow[] LabelWindows { get; init; }

    /// <summary>The tile levels, by filter, finest first.</summary>
    public required TileLevel[] Levels { get; init; }

    /// <summary>The tiles of labels that are no longer kept individually: one per day of arrival.</summary>
    public required TileLevel LabelLevel { get; init; }

    /// <summary>True if the label tiles count legitimate labels as well as frauds.</summary>
    public required bool CountsAllLabels { get; init; }

    /// <summary>How long events are kept, in milliseconds: the longest reach of a window back from now.</summary>
    public required long RetentionMs { get; init; }

    /// <summary>How long labels are kept after their arrival, in milliseconds.</summary>
    public long LabelRetentionMs => LabelLevel.WidthMs * LabelLevel.Count;

    /// <summary>The age in milliseconds beyond which a payment without a label counts as legitimate; 0 if no feature needs it.</summary>
    public required long MaturityMs { get; init; }

    /// <summary>True if profiles keep labels.</summary>
    public bool KeepsLabels => LabelCapacity > 0;
}
