using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Collects the needs of all features of one kind of entity, and derives the entity's plan from them.</summary>
internal sealed class EntityCompiler(EntityDraft draft, FilterReader filterReader)
{
    private const long Minute = MillisecondsPer.Minute, Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;
    private const long LongestReach = 90 * Day;

    private readonly List<AggregateDraft> _features = [];
    private readonly List<PaymentField> _dimensions = [];
    private readonly List<PaymentFilter> _filters = [];

    /// <summary>True if a feature counts payments without a label as legitimate once they are old enough.</summary>
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
            node.Member("aggregate").Fault($"needs attempts, but entity {draft.Name} keeps none; set its \"attempts\" to at least 1");
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

    /// <summary>The declared features, with the indices of their dimensions and filters in the plan.</summary>
    public IReadOnlyList<AggregateDraft> Features => _features;

    public AggregateInstruction[] Instructions() => [.. _features.Select(f => new AggregateInstruction(
        f.Feature, f.Code, IndexOf(f), f.Dimension, f.Filter, f.Quantile,
        f.Aggregate.Source == AggregateSource.Attempts ? f.WindowMs : f.HalfLifeMs, f.Times,
        f.Aggregate.ReadsLabels))];

    public EntityPlan Plan(int index, long maturityMs)
    {
        List<(int Filter, long DelayMs, long LengthMs)> windows = Windows();
        var labelWindows = LabelWindows();
        if (windows.Count > EntityPlan.MaxWindows || labelWindows.Count > EntityPlan.MaxWindows)
        {
            draft.Node.Fault(
                $"has more than {EntityPlan.MaxWindows} different windows; use fewer combinations of window, delay and filter");
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
            // A streak reaches as far back as the lists of payments and labels, so payments must not expire before their labels arrive.
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

    /// <summary>The tile levels that windows need beyond the recent events, by filter, finest first.</summary>
    /// <remarks>
    /// Tiles are minutes for windows that reach back at most two hours, hours up to two days, days beyond that; a level keeps as many as
    /// its longest window needs. One fine level for all windows would be exact to the minute, but cost 129,600 tiles for 90 days; this
    /// scheme costs at most 121 minutes, 49 hours and 91 days per filter. The price is an error of at most the tile that the window's
    /// start cuts: all of a window of one minute, half of one of just over two hours or two days, less for longer ones. A delayed window
    /// may be shorter than one tile of its level, because delay and length together select the level: its error has no such bound.
    /// </remarks>
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
            delay.Fault($"plus the window exceeds the retention of {Duration.Text(LongestReach)}; shorten one of them");
        }
        return length;
    }

    private static long SpanOf(JsonNodeReader node, long least, long most)
    {
        if (!Duration.TryParse(node.Text(), out var length) || length < least || length > most)
        {
            node.Fault($"must be a duration from {Duration.Text(least)} to {Duration.Text(most)}, such as \"24h\"");
            return least;
        }
        return length;
    }

    private static double QuantileOf(JsonNodeReader node)
    {
        var quantile = node.Exists ? node.Number(0, 1) : 0;
        if (quantile is <= 0 or >= 1)
        {
            node.Fault("must be a number between 0 and 1, both excluded, such as 0.95");
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
            value.Fault($"is not a payment field; use one of {string.Join(", ", PaymentField.Names)} or attributes.<name>");
            return -1;
        }
        var dimension = IndexIn(_dimensions, field);
        if (dimension >= EntityPlan.MaxDimensions)
        {
            value.Fault(
                $"is one field too many: the features of an entity may count values of at most {EntityPlan.MaxDimensions} fields");
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
            node.Fault($"is one filter too many: the features of an entity may use at most {EntityPlan.MaxFilters} different filters");
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
            node.Member("aggregate").Fault($"needs labels, but entity {draft.Name} keeps none; set its \"labels\" to at least 1");
        }
        else if (aggregate.Source == AggregateSource.Streak && draft.Labels < draft.Recent)
        {
            node.Member("aggregate").Fault(
                $"needs a label for every recent payment, but entity {draft.Name} keeps {draft.Labels} labels for {draft.Recent} payments; "
                    + $"set its \"labels\" to at least {draft.Recent}");
        }
        if (!draft.Fields.TrueForAll(f => f.IsOnLabels))
        {
            node.Member("entity").Fault("has a field that labels do not carry; use card, account, device, ip_address or merchant");
        }
    }

    private int IndexOf(AggregateDraft feature) =>
        feature.Aggregate.IsOverPaymentTime ? Windows().IndexOf((feature.Filter, feature.DelayMs, feature.WindowMs))
        : feature.Aggregate.IsOverLabelTime ? LabelWindows().IndexOf((feature.DelayMs, feature.WindowMs)) : -1;
}

/// <summary>A declared aggregate feature. Members that are not declared are 0, and indices -1.</summary>
/// <param name="Feature">Row index.</param>
/// <param name="Code">The aggregate's position in the table of aggregates.</param>
/// <param name="Aggregate">What is computed.</param>
internal sealed record AggregateDraft(int Feature, int Code, AggregateDefinition Aggregate)
{
    /// <summary>Length of the window in milliseconds.</summary>
    public long WindowMs { get; init; }

    /// <summary>Distance of the window's end from now, in milliseconds.</summary>
    public long DelayMs { get; init; }

    /// <summary>Distance of the window's start from now, in milliseconds.</summary>
    public long ReachMs => WindowMs + DelayMs;

    public int Dimension { get; init; } = -1;

    public int Filter { get; init; } = -1;

    /// <summary>The quantile, between 0 and 1.</summary>
    public double Quantile { get; init; }

    /// <summary>An amount is unusual above this multiple of the median.</summary>
    public double Times { get; init; }

    /// <summary>Half-life of a decayed sum in milliseconds.</summary>
    public long HalfLifeMs { get; init; }
}
