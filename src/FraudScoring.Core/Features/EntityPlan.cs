namespace FraudScoring.Core.Features;

/// <summary>What the profile of one kind of entity keeps, worked out from the features that read it.</summary>
public sealed class EntityPlan
{
    /// <summary>Most values an event keeps for distinct and repeated counts.</summary>
    public const int MaxDimensions = 6;

    /// <summary>Most windows over one kind of entity.</summary>
    public const int MaxWindows = 16;

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

    /// <summary>The values kept of each event, at most <see cref="MaxDimensions"/>.</summary>
    public required PaymentField[] Dimensions { get; init; }

    /// <summary>Where a distinct count reaches back beyond the recent events: a sketch is kept per tile and such dimension.</summary>
    public required bool[] DimensionIsSketched { get; init; }

    /// <summary>Events keep their location.</summary>
    public required bool KeepsLocation { get; init; }

    /// <summary>The windows that features ask for, ascending.</summary>
    public required EventWindow[] Windows { get; init; }

    /// <summary>The windows over label arrival, in milliseconds, ascending.</summary>
    public required long[] LabelWindowsMs { get; init; }

    /// <summary>The tile levels in use, finest first.</summary>
    public required TileLevel[] Levels { get; init; }

    /// <summary>Labels older than the recent ones, by day of arrival.</summary>
    public required TileLevel LabelLevel { get; init; }

    /// <summary>How long an event is of use: the longest window, in milliseconds.</summary>
    public required long RetentionMs { get; init; }

    /// <summary>True when any feature reads this entity's labels.</summary>
    public bool KeepsLabels => LabelCapacity > 0;
}

/// <summary>A window over an entity's events: (now - length, now), both ends excluded.</summary>
/// <param name="LengthMs">Length in milliseconds.</param>
/// <param name="Level">Index of the tile level that covers it beyond the recent events.</param>
public readonly record struct EventWindow(long LengthMs, int Level);

/// <summary>A ring of tiles of equal width, aligned to the Unix epoch.</summary>
/// <param name="WidthMs">Width of one tile in milliseconds.</param>
/// <param name="Count">How many tiles are kept, the current one included.</param>
public readonly record struct TileLevel(long WidthMs, int Count)
{
    /// <summary>The tile that holds an instant.</summary>
    public long SlotOf(long timeMs) => Math.DivRem(timeMs, WidthMs) is var (slot, rest) && rest < 0 ? slot - 1 : slot;
}
