using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Exact Shapley contributions of an ensemble's stacker margin, read from the same graph that is run. The margin is a weighted sum of the
/// members', and so are its contributions: members that are trees by <see cref="TreeShap"/>, the linear member by its terms. Immutable and
/// thread-safe; explaining allocates nothing after a thread's first rows.
/// </summary>
public sealed class EnsembleExplainer
{
    private readonly (TreeShap Member, double Weight)[] _trees;
    private readonly (LinearAttribution Member, double Weight)[] _linear;

    private EnsembleExplainer(
        int features, double bias, (TreeShap Member, double Weight)[] trees, (LinearAttribution Member, double Weight)[] linear)
    {
        (Features, _trees, _linear) = (features, trees, linear);
        BaseValue = bias + trees.Sum(t => t.Weight * t.Member.BaseValue) + linear.Sum(l => l.Weight * l.Member.BaseValue);
    }

    /// <summary>Columns of a row.</summary>
    public int Features { get; }

    /// <summary>The margin before anything is known of a row: the trees' mean over their cover, the linear member at its mean.</summary>
    public double BaseValue { get; }

    /// <summary>Reads an ensemble that follows <see cref="EnsembleGraph"/>, of any of its members in any order.</summary>
    /// <exception cref="InvalidDataException">
    /// A member that is not known here or twice there, parameters missing or of the wrong length, trees without cover: what could not
    /// be explained exactly.
    /// </exception>
    public static EnsembleExplainer Load(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var faults = new Faults();
        var graph = new GraphParameters(model.Graph, faults);
        var members = graph.Members();
        var weights = graph.Floats(EnsembleGraph.StackerWeights, members.Count);
        var bias = graph.Floats(EnsembleGraph.StackerBias, 1);
        foreach (var twice in members.GroupBy(member => member).Where(group => group.Count() > 1))
        {
            faults.Add(EnsembleGraph.MemberMargins, $"member '{twice.Key}' is there {twice.Count()} times.");
        }
        var trees = members.Intersect(EnsembleGraph.TreeMembers).ToDictionary(name => name, name => TreeEnsembleReader.Parse(model, name));
        var features = graph.Features(trees.Values);
        foreach (var (name, member) in trees)
        {
            Check(name, member, features, faults);
        }
        var linear = members.Contains(EnsembleGraph.Linear) ? LinearAttribution.Create(graph, features, faults) : null;
        if (faults.Count > 0)
        {
            throw new InvalidDataException(faults.ToString());
        }
        double WeightOf(string member) => weights[members.IndexOf(member)];
        return new EnsembleExplainer(features, bias[0],
            [.. trees.Where(member => WeightOf(member.Key) != 0)
                .Select(member => (new TreeShap(member.Value, features), WeightOf(member.Key)))],
            linear is null ? [] : [(linear, WeightOf(EnsembleGraph.Linear))]);
    }

    /// <summary>Explains one row: margin = <see cref="BaseValue"/> + sum of the contributions.</summary>
    /// <param name="row">[features], NaN where missing.</param>
    /// <param name="contributions">[features], overwritten: what each feature added to the margin, in log-odds.</param>
    /// <returns>The base value; with the contributions' sum it is the stacker's margin, within 1e-4 of the graph's.</returns>
    /// <exception cref="ArgumentException">A span is shorter than <see cref="Features"/>.</exception>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        if (row.Length < Features || contributions.Length < Features)
        {
            throw new ArgumentException(
                $"row and contributions need {Features} entries; they have {row.Length} and {contributions.Length}.");
        }
        var own = contributions[..Features];
        own.Clear();
        foreach (var (member, weight) in _linear)
        {
            member.AddContributions(row, weight, own);
        }
        foreach (var (member, weight) in _trees)
        {
            member.AddContributions(row, weight, own);
        }
        return BaseValue;
    }

    private static void Check(string member, DecisionTrees trees, int features, Faults faults)
    {
        if (trees.Cover is null)
        {
            faults.Add($"{member}.nodes_hitrates", "write the training rows that came through each node.");
        }
        if (trees.FeatureCount > features)
        {
            faults.Add($"{member}.nodes_featureids", $"feature {trees.FeatureCount - 1} of {features}.");
        }
    }
}
