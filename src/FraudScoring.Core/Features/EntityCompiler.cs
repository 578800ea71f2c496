namespace FraudScoring.Core.Features;

/// <summary>Collects what the features of one kind of entity need, and works out the entity's plan.</summary>
internal sealed class EntityCompiler(EntityDraft draft)
{
    private const long Minute = 60_000, Hour = 60 * Minute, Day = 24 * Hour;
    private const long LongestWindow = 90 * Day;

    private readonly List<(int Feature, Aggregate Aggregate, long WindowMs, int Dimension)> _features = [];
    private readonly List<PaymentField> _dimensions = [];
    private readonly HashSet<int> _sketched = [];
    private readonly SortedSet<long> _windows = [];
    private readonly SortedSet<long> _labelWindows = [];
    private bool _keepsLocation;

    public void Compile(int feature, Aggregate aggregate, JsonNodeReader node)
    {
        var windowed = aggregate is not (Aggregate.TimeSinceLast or Aggregate.TimeSinceFirst or Aggregate.Distance or Aggregate.Speed or Aggregate.TimeSinceFraud);
        var window = windowed ? WindowOf(node) : 0;
        node.AllowNone(windowed ? [] : ["window"]);
        var dimension = aggregate is Aggregate.Distinct or Aggregate.CountSame ? DimensionOf(node) : -1;
        node.AllowNone(aggregate is Aggregate.Distinct or Aggregate.CountSame ? [] : ["value"]);
        if (aggregate is Aggregate.FraudCount or Aggregate.TimeSinceFraud)
        {
            RequireLabels(node);
            _ = windowed && _labelWindows.Add(window);
        }
        else if (windowed)
        {
            _windows.Add(window);
        }
        if (aggregate == Aggregate.Distinct && dimension >= 0)
        {
            _sketched.Add(dimension);
        }
        _keepsLocation |= aggregate is Aggregate.Distance or Aggregate.Speed;
        _features.Add((feature, aggregate, window, dimension));
    }

    public AggregateInstruction[] Instructions() =>
        [.. _features.Select(f => new AggregateInstruction(f.Feature, f.Aggregate, IndexOf(f.Aggregate == Aggregate.FraudCount ? _labelWindows : _windows, f.WindowMs), f.Dimension))];

    public EntityPlan Plan(int index)
    {
        if (_windows.Count > EntityPlan.MaxWindows || _labelWindows.Count > EntityPlan.MaxWindows)
        {
            draft.Node.Fault($"has more than {EntityPlan.MaxWindows} different windows");
        }
        var levels = new List<TileLevel>();
        var windows = _windows.Select(length => new EventWindow(length, LevelOf(levels, length))).ToArray();
        return new EntityPlan
        {
            Name = draft.Name,
            Index = index,
            Fields = draft.Fields,
            RecentCapacity = draft.Recent,
            LabelCapacity = draft.Labels,
            Dimensions = [.. _dimensions],
            DimensionIsSketched = [.. _dimensions.Select((_, d) => _sketched.Contains(d))],
            KeepsLocation = _keepsLocation,
            Windows = windows,
            LabelWindowsMs = [.. _labelWindows],
            Levels = [.. levels],
            LabelLevel = new TileLevel(Day, (int)(_labelWindows.Max / Day) + 2),
            RetentionMs = Math.Max(_windows.Max, Day),
        };
    }

    /// <summary>
    /// Windows ascend, so levels come finest first, and each level's count grows to its longest window: minutes up to two hours,
    /// hours up to two days, then days. So the tile that is cut is a minute, an hour or a day: at worst all of a window of one minute, half
    /// of one of just over two hours or two days, and the smaller a part the longer the window is.
    /// </summary>
    private static int LevelOf(List<TileLevel> levels, long windowMs)
    {
        var width = windowMs <= 2 * Hour ? Minute : windowMs <= 2 * Day ? Hour : Day;
        var level = new TileLevel(width, (int)((windowMs + width - 1) / width) + 1);
        if (levels.Count == 0 || levels[^1].WidthMs != width)
        {
            levels.Add(level);
        }
        else
        {
            levels[^1] = level;
        }
        return levels.Count - 1;
    }

    private static long WindowOf(JsonNodeReader node)
    {
        var window = node.Member("window");
        if (!CatalogueReader.TryParseWindow(window.Text(), out var length) || length < Minute || length > LongestWindow)
        {
            window.Fault("must be a length from 1m to 90d, such as \"24h\"");
            return Minute;
        }
        return length;
    }

    private int DimensionOf(JsonNodeReader node)
    {
        var value = node.Member("value");
        if (!PaymentField.TryParse(value.Text(), out var field))
        {
            value.Fault($"is not a payment field; use one of {string.Join(", ", PaymentField.Names)}, attributes.<name>");
            return -1;
        }
        var dimension = _dimensions.IndexOf(field);
        if (dimension < 0)
        {
            dimension = _dimensions.Count;
            _dimensions.Add(field);
        }
        if (dimension >= EntityPlan.MaxDimensions)
        {
            value.Fault($"is one field too many: an entity keeps at most {EntityPlan.MaxDimensions} of them");
        }
        return dimension;
    }

    private void RequireLabels(JsonNodeReader node)
    {
        if (draft.Labels == 0)
        {
            node.Member("aggregate").Fault($"needs labels, and entity {draft.Name} keeps none; give it \"labels\"");
        }
        if (!draft.Fields.TrueForAll(f => f.IsOnLabels))
        {
            node.Member("entity").Fault("has a field that labels do not carry");
        }
    }

    private static int IndexOf(SortedSet<long> windows, long length) => length == 0 ? -1 : windows.TakeWhile(w => w < length).Count();
}
