namespace FraudScoring.Inference.Attribution;

/// <summary>Lays trees out in a <see cref="TreeBlock"/>, breadth first.</summary>
internal sealed class TreeBlockBuilder
{
    /// <summary>Lower limit of a share of cover, so that no step is 0 and its sign says which way the row goes.</summary>
    private const double LeastShare = 1e-15;
    private const int None = -1;

    private readonly DecisionTrees _trees;
    private readonly double[] _cover;
    private readonly SplitInputs _inputs;
    private readonly int _roots;
    private readonly Queue<(int Node, Place Place)> _pending = new();
    private readonly List<PlacedSplit> _inner = [];
    private readonly List<PlacedSplit> _leaves = [];
    private readonly List<LooseLeaf> _loose = [];
    private readonly OrderedDictionary<(double First, double Second), int> _factors = [];

    /// <summary>Position of a node: its cell, the inner split above it, and on which side of that it is (1 left, -1 right).</summary>
    private readonly record struct Place(int Cell, int Parent, int Side);

    /// <summary>A split, prepared for the block.</summary>
    /// <param name="Place">Its position.</param>
    /// <param name="Feature">The feature on which it splits.</param>
    /// <param name="Input">The entry of the inputs that it compares.</param>
    /// <param name="Threshold">Its threshold.</param>
    /// <param name="LeftShare">The left child's share of the cover.</param>
    /// <param name="Share">Product of the shares, on the way to this split, of the splits above it on the same feature.</param>
    /// <param name="Mean">See <see cref="SplitPair.FirstMean"/>.</param>
    /// <param name="Step">Factor from a share of the cover to the step.</param>
    /// <param name="Above">The nearest inner split above on the same feature.</param>
    /// <param name="AboveSide">The side of that split on which this one is.</param>
    private readonly record struct PlacedSplit(
        Place Place, int Feature, int Input, float Threshold, double LeftShare, double Share, double Mean, double Step,
        int Above, int AboveSide);

    private TreeBlockBuilder(DecisionTrees trees, double[] cover, SplitInputs inputs, int roots)
    {
        (_trees, _cover, _inputs, _roots) = (trees, cover, inputs, roots);
    }

    /// <summary>Builds a block of the trees with the given roots, none of which is a leaf.</summary>
    public static TreeBlock Build(DecisionTrees trees, double[] cover, SplitInputs inputs, IReadOnlyList<int> roots, int passes)
    {
        var builder = new TreeBlockBuilder(trees, cover, inputs, roots.Count);
        for (var i = 0; i < roots.Count; i++)
        {
            builder._pending.Enqueue((roots[i], new Place(i, None, 0)));
        }
        while (builder._pending.TryDequeue(out var next))
        {
            builder.Add(next.Node, next.Place);
        }
        return builder.Finish(passes);
    }

    private void Add(int node, Place place)
    {
        if (_trees.IsLeaf(node))
        {
            _loose.Add(new LooseLeaf(place.Cell, (float)_trees.Value[node]));
            return;
        }
        var (input, threshold, leftIsTrue) = _inputs.Compile(_trees, node);
        var left = leftIsTrue ? _trees.TrueChild[node] : _trees.FalseChild[node];
        var right = leftIsTrue ? _trees.FalseChild[node] : _trees.TrueChild[node];
        var leftShare = DecisionTrees.Share(_cover[left], _cover[right]);
        var (above, side) = Above(place, _trees.Feature[node]);
        var share = above == None ? 1 : _inner[above].Share * (side > 0 ? _inner[above].LeftShare : 1 - _inner[above].LeftShare);
        var split = new PlacedSplit(place, _trees.Feature[node], input, threshold, leftShare, share, leftShare, 1, above, side);
        if (_trees.IsLeaf(left) && _trees.IsLeaf(right))
        {
            var (first, second) = (_trees.Value[left], _trees.Value[right]);
            _leaves.Add(split with { Mean = (leftShare * first) + ((1 - leftShare) * second), Step = first - second });
            return;
        }
        // A pair is computed together, so a split must not be in the pair of its parent.
        // Breadth first, no earlier ancestor can be its neighbour.
        if (_inner.Count % 2 == 1 && place.Parent == _inner.Count - 1)
        {
            _inner.Add(Filler(_inputs.Features));
        }
        var cell = _roots + (4 * (_inner.Count / 2)) + (_inner.Count % 2);
        _pending.Enqueue((left, new Place(cell, _inner.Count, 1)));
        _pending.Enqueue((right, new Place(cell + 2, _inner.Count, -1)));
        _inner.Add(split);
    }

    private (int Split, int Side) Above(Place place, int feature)
    {
        while (place.Parent != None && _inner[place.Parent].Feature != feature)
        {
            place = _inner[place.Parent].Place;
        }
        return (place.Parent, place.Side);
    }

    /// <summary>Pads a pair: its step is 0, and its cell the last one, which nothing reads.</summary>
    private static PlacedSplit Filler(int feature) => new(new Place(None, None, 0), feature, 0, 0, 0, 1, 0, 0, None, 0);

    /// <summary>
    /// Pairs splits with two leaves that are on the same feature, so that one addition serves both; splits without another one above them
    /// on the feature come first, since pairs of equal shares have the same factors. Pairs of one feature are spread out, since each
    /// addition to a feature waits for the previous one.
    /// </summary>
    private void PairLeaves()
    {
        var pairs = _leaves.OrderBy(split => split.Above != None).GroupBy(split => split.Feature)
            .SelectMany(alike => alike.Chunk(2).Index().Select(two =>
                (two.Index, Pair: two.Item.Length == 2 ? two.Item : [two.Item[0], Filler(alike.Key)])));
        var apart = pairs.OrderBy(pair => pair.Index).SelectMany(pair => pair.Pair).ToList();
        _leaves.Clear();
        _leaves.AddRange(apart);
    }

    private int FactorsOf(double first, double second)
    {
        if (!_factors.TryGetValue((first, second), out var index))
        {
            index = _factors.Count;
            _factors.Add((first, second), index);
        }
        return index;
    }

    private TreeBlock Finish(int passes)
    {
        if (_inner.Count % 2 == 1)
        {
            _inner.Add(Filler(_inputs.Features));
        }
        PairLeaves();
        var all = _inner.Concat(_leaves).ToList();
        var spare = _roots + (2 * _inner.Count);
        var padded = (all.Count + 7) / 8 * 8;
        var padding = Enumerable.Repeat(0f, padded - all.Count).ToList();
        return new TreeBlock
        {
            Inputs = [.. all.Select(split => split.Input), .. padding.Select(_ => 0)],
            Thresholds = [.. all.Select(split => split.Threshold), .. padding],
            LeftSteps = [.. all.Select(split => (float)(Math.Max(1 - split.LeftShare, LeastShare) * split.Step)), .. padding],
            RightSteps = [.. all.Select(split => (float)(-Math.Max(split.LeftShare, LeastShare) * split.Step)), .. padding],
            Repeats = [.. all.Index().Where(split => split.Item.Above != None)
                .Select(split => new RepeatedSplit((nuint)split.Index, (nuint)split.Item.Above, -split.Item.AboveSide))],
            Inner = [.. _inner.Chunk(2).Select(two => Pair(two, spare))],
            Leaves = [.. _leaves.Chunk(2).Select(two => Pair(two, spare))],
            Loose = [.. _loose],
            Roots = _roots,
            Passes = QuadraturePass.Rule(passes, _factors.Keys),
        };
    }

    private SplitPair Pair(PlacedSplit[] two, int spare)
    {
        int Cell(PlacedSplit split) => SplitPair.Stride * (split.Place.Cell == None ? spare : split.Place.Cell);
        return new SplitPair
        {
            Cells = new PairOffsets(Cell(two[0]), Cell(two[1])),
            FirstMean = (float)two[0].Mean,
            SecondMean = (float)two[1].Mean,
            Factors = FactorsOf(two[0].Share, two[1].Share),
            Features = new PairOffsets(SplitPair.Row * two[0].Feature, (SplitPair.Row * two[1].Feature) + SplitPair.Stride),
        };
    }
}
