using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Collects what the features of one kind of entity need, and works out the entity's plan.</summary>
internal sealed class EntityCompiler(EntityDraft draft, FilterReader filterReader)
{
    private const long Minute = MillisecondsPer.Minute, Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;
    private const long LongestReach = 90 * Day;

    private readonly List<AggregateDraft> _features = [];
    private readonly List<PaymentField> _dimensions = [];
    private readonly List<PaymentFilter> _filters = [];

    /// <summary>A feature counts a payment without a label as legitimate once it is old enough.</summary>
    public bool NeedsMaturity => _features.Exists(f => f.Aggregate.Source == AggregateSource.Streak);

    public void Compile(int feature, int code, AggregateDefinition aggregate, JsonNodeReader node)
    {
        AllowOnlyWhatIsUsed(aggregate, node);
        var window = aggregate.Takes(AggregateMembers.Window) ? WindowOf(node, aggregate) : 0;
        var delay = aggregate.Takes(AggregateMembers.Delay) ? DelayOf(node, window) : 0;
        if (aggregate.ReadsLabels)
        {
            RequireLabels(node, aggregate);
        }
        if (aggregate.Source == AggregateSource.Attempts && draft.Attempts == 0)
        {
            node.Member("aggregate").Fault($"needs attempts, and entity {draft.Name} keeps none; give it \"attempts\"");
        }
        _features.Add(new AggregateDraft(feature, code, aggregate)
        {
            WindowMs = window,
            DelayMs = delay,
            Dimension = aggregate.Takes(AggregateMembers.Value) ? DimensionOf(node) : -1,
            Filter = aggregate.Takes(AggregateMembers.Filter) ? FilterOf(node.Member("filter")) : -1,
            Quantile = aggregate.Takes(AggregateMembers.Quantile) ? QuantileOf(node.Member("quantile")) : 0.5,
            Times = aggregate.Takes(AggregateMembers.Times) ? TimesOf(node.Member("times")) : 0,
            HalfLifeMs = aggregate.Takes(AggregateMembers.HalfLife) ? SpanOf(node.Member("half_life"), Minute, LongestReach) : 0,
        });
    }

    /// <summary>The features as they were declared, with the positions that the plan gives to what they need.</summary>
    public IReadOnlyList<AggregateDraft> Features => _features;

    public AggregateInstruction[] Instructions() => [.. _features.Select(f => new AggregateInstruction(
        f.Feature, f.Code, IndexOf(f), f.Dimension, f.Filter, f.Quantile,
        f.Aggregate.Source == AggregateSource.Attempts ? f.WindowMs : f.HalfLifeMs, f.Times))];

    public EntityPlan Plan(int index, long maturityMs)
    {
        List<(int Filter, long DelayMs, long LengthMs)> windows = Windows();
        var labelWindows = LabelWindows();
        if (windows.Count > EntityPlan.MaxWindows || labelWindows.Count > EntityPlan.MaxWindows)
        {
            draft.Node.Fault($"has more than {EntityPlan.MaxWindows} different windows");
        }
        var levels = Levels();
        return new EntityPlan
        {
            Name = draft.Name,
            Index = index,
            Fields = draft.Fields,
            RecentCapacity = draft.Recent,
            LabelCapacity = draft.Labels,
            AttemptCapacity = draft.Attempts,
            Dimensions = [.. _dimensions],
            Filters = [.. _filters],
            KeepsLocation = _features.Exists(f => f.Aggregate.Source == AggregateSource.Locations),
            Windows = [.. windows.Select(w => new EventWindow(w.LengthMs, LevelOf(levels, w), w.DelayMs, w.Filter))],
            LabelWindows = [.. labelWindows.Select(w => new LabelWindow(w.LengthMs, w.DelayMs))],
            Levels = levels,
            LabelLevel = new TileLevel(Day, (int)(labelWindows.Select(w => w.LengthMs + w.DelayMs).DefaultIfEmpty().Max() / Day) + 2),
            CountsAllLabels = _features.Exists(f => f.Aggregate.Source == AggregateSource.AllLabels),
            // A streak is as long as the lists reach: they must not lose payments that still wait for their labels.
            RetentionMs = NeedsMaturity ? LongestReach : Math.Max(windows.Select(w => w.LengthMs + w.DelayMs).DefaultIfEmpty().Max(), Day),
            MaturityMs = NeedsMaturity ? maturityMs : 0,
        };
    }

    private static void AllowOnlyWhatIsUsed(AggregateDefinition aggregate, JsonNodeReader node) =>
        node.AllowNone([.. Enum.GetValues<AggregateMembers>().Where(m => m != 0 && !aggregate.Takes(m)).Select(SnakeCase.Convert)]);

    private List<(int Filter, long DelayMs, long LengthMs)> Windows() => [.. _features.Where(f => f.Aggregate.IsOverPaymentTime)
        .Select(f => (f.Filter, f.DelayMs, f.WindowMs)).Distinct().Order()];

    private List<(long DelayMs, long LengthMs)> LabelWindows() => [.. _features.Where(f => f.Aggregate.IsOverLabelTime)
        .Select(f => (f.DelayMs, f.WindowMs)).Distinct().Order()];

    /// <summary>
    /// The tiles that windows need beyond the recent events, by filter, finest first: minutes for windows that reach back up to two
    /// hours, hours up to two days, then days; each as many as the longest reach. So the tile that is cut is a minute, an hour or a day:
    /// at worst all of a window of one minute, half of one of just over two hours or two days, and the smaller a part the longer it is.
    /// A window that is shorter than its delay may well be less than a day's tile: how many tiles there are is bounded, its error is not.
    /// </summary>
    private TileLevel[] Levels() => [.. _features.Where(f => f.Aggregate.Source == AggregateSource.Payments)
        .GroupBy(f => (f.Filter, Width: WidthFor(f.ReachMs)))
        .OrderBy(level => level.Key)
        .Select(level => new TileLevel(
            level.Key.Width,
            (int)((level.Max(f => f.ReachMs) + level.Key.Width - 1) / level.Key.Width) + 1,
            level.Key.Filter,
            level.Aggregate(TileContents.None, (contents, f) => contents | f.Aggregate.Tiles),
            level.Aggregate((byte)0, (sketches, f) => (byte)(sketches | SketchOf(f)))))];

    private static int SketchOf(AggregateDraft feature) =>
        feature.Aggregate.NeedsSketch && feature.Dimension >= 0 ? 1 << feature.Dimension : 0;

    private int LevelOf(TileLevel[] levels, (int Filter, long DelayMs, long LengthMs) window)
    {
        var isReadFromTiles = _features.Exists(f => f.Aggregate.Source == AggregateSource.Payments
            && (f.Filter, f.DelayMs, f.WindowMs) == window);
        var width = WidthFor(window.DelayMs + window.LengthMs);
        return isReadFromTiles ? Array.FindIndex(levels, l => l.Filter == window.Filter && l.WidthMs == width) : -1;
    }

    private static long WidthFor(long reachMs) => reachMs <= 2 * Hour ? Minute : reachMs <= 2 * Day ? Hour : Day;

    private static long WindowOf(JsonNodeReader node, AggregateDefinition aggregate) =>
        SpanOf(node.Member("window"), Minute, aggregate.Source == AggregateSource.Attempts ? Day : LongestReach);

    private static long DelayOf(JsonNodeReader node, long windowMs)
    {
        var delay = node.Member("delay");
        var length = delay.Exists ? SpanOf(delay, Minute, LongestReach) : 0;
        if (length + windowMs > LongestReach)
        {
            delay.Fault("and the window together are beyond the retention of 90d");
        }
        return length;
    }

    private static long SpanOf(JsonNodeReader node, long least, long most)
    {
        if (!Duration.TryParse(node.Text(), out var length) || length < least || length > most)
        {
            node.Fault($"must be a length from {Duration.Text(least)} to {Duration.Text(most)}, such as \"24h\"");
            return least;
        }
        return length;
    }

    private static double QuantileOf(JsonNodeReader node)
    {
        var quantile = node.Exists ? node.Number(0, 1) : 0;
        if (quantile is <= 0 or >= 1)
        {
            node.Fault("must be a number between 0 and 1, both excluded");
        }
        return quantile;
    }

    private static double TimesOf(JsonNodeReader node)
    {
        var times = node.Exists ? node.Number(0, 1000) : 0;
        if (times is < 1)
        {
            node.Fault("must be a number from 1 to 1,000, such as 2.6");
        }
        return times;
    }

    private int DimensionOf(JsonNodeReader node)
    {
        var value = node.Member("value");
        if (!PaymentField.TryParse(value.Text(), out var field))
        {
            value.Fault($"is not a payment field; use one of {string.Join(", ", PaymentField.Names)}, attributes.<name>");
            return -1;
        }
        var dimension = IndexIn(_dimensions, field);
        if (dimension >= EntityPlan.MaxDimensions)
        {
            value.Fault($"is one field too many: an entity keeps at most {EntityPlan.MaxDimensions} of them");
            return -1;
        }
        return dimension;
    }

    private int FilterOf(JsonNodeReader node)
    {
        if (!node.Exists || filterReader.Parse(node) is not { } read)
        {
            return -1;
        }
        var filter = _filters.FindIndex(f => f.Text == read.Text);
        if (filter < 0)
        {
            filter = _filters.Count;
            _filters.Add(read);
        }
        if (filter >= EntityPlan.MaxFilters)
        {
            node.Fault($"is one filter too many: an entity has at most {EntityPlan.MaxFilters} different ones");
            return -1;
        }
        return filter;
    }

    private static int IndexIn(List<PaymentField> list, PaymentField item)
    {
        if (!list.Contains(item))
        {
            list.Add(item);
        }
        return list.IndexOf(item);
    }

    private void RequireLabels(JsonNodeReader node, AggregateDefinition aggregate)
    {
        if (draft.Labels == 0)
        {
            node.Member("aggregate").Fault($"needs labels, and entity {draft.Name} keeps none; give it \"labels\"");
        }
        else if (aggregate.Source == AggregateSource.Streak && draft.Labels < draft.Recent)
        {
            node.Member("aggregate").Fault(
                $"needs a label for every recent payment: entity {draft.Name} keeps {draft.Labels} labels and {draft.Recent} payments");
        }
        if (!draft.Fields.TrueForAll(f => f.IsOnLabels))
        {
            node.Member("entity").Fault("has a field that labels do not carry");
        }
    }

    private int IndexOf(AggregateDraft feature) =>
        feature.Aggregate.IsOverPaymentTime ? Windows().IndexOf((feature.Filter, feature.DelayMs, feature.WindowMs))
        : feature.Aggregate.IsOverLabelTime ? LabelWindows().IndexOf((feature.DelayMs, feature.WindowMs)) : -1;
}

/// <summary>An aggregate as the file declares it. What it does not have is 0, or -1 where an index is meant.</summary>
/// <param name="Feature">Row index.</param>
/// <param name="Code">The aggregate's position in the table of aggregates.</param>
/// <param name="Aggregate">What is computed.</param>
internal sealed record AggregateDraft(int Feature, int Code, AggregateDefinition Aggregate)
{
    /// <summary>Length of the window in milliseconds.</summary>
    public long WindowMs { get; init; }

    /// <summary>How long before now the window ends, in milliseconds.</summary>
    public long DelayMs { get; init; }

    /// <summary>How far back from now the window reaches, in milliseconds.</summary>
    public long ReachMs => WindowMs + DelayMs;

    /// <summary>Index among the entity's dimensions.</summary>
    public int Dimension { get; init; } = -1;

    /// <summary>Index among the entity's filters.</summary>
    public int Filter { get; init; } = -1;

    /// <summary>The share of amounts that a quantile is not below, between 0 and 1.</summary>
    public double Quantile { get; init; }

    /// <summary>How many times the median an unusual amount is above.</summary>
    public double Times { get; init; }

    /// <summary>Half-life of a decayed sum in milliseconds.</summary>
    public long HalfLifeMs { get; init; }
}
