using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Computes exact Shapley contributions to an ensemble's stacker margin, from the parameters of the graph that is run. The margin is a
/// weighted sum of the members' margins, and Shapley values are linear, so the contributions are the same weighted sum: of <see
/// cref="TreeShap"/> for tree members, and of the terms of the linear member. Immutable and thread-safe; allocates nothing after a thread's
/// first rows.
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

    /// <summary>Number of columns of a row.</summary>
    public int Features { get; }

    /// <summary>The margin if no feature is known: the trees' mean over their cover, and the linear member at its mean.</summary>
    public double BaseValue { get; }

    /// <summary>Reads an ensemble that follows <see cref="EnsembleGraph"/>, with any of its members in any order.</summary>
    /// <exception cref="InvalidDataException">
    /// The ensemble cannot be explained exactly: a member is unknown or occurs twice, parameters are missing or have the wrong length, or
    /// trees have no cover.
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
            faults.Add(EnsembleGraph.MemberMargins, $"member '{twice.Key}' occurs {twice.Count()} times; each member may occur once.");
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
    /// <param name="row">[features], with NaN for missing values.</param>
    /// <param name="contributions">[features], overwritten with the contribution of each feature to the margin, in log-odds.</param>
    /// <returns>The base value. With the sum of the contributions it is the stacker's margin, within 1e-4 of the graph's.</returns>
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
            faults.Add(
                $"{member}.nodes_hitrates", "are missing or do not add up; write the number of training rows that passed each node.");
        }
        if (trees.FeatureCount > features)
        {
            faults.Add($"{member}.nodes_featureids", $"name feature {trees.FeatureCount - 1}, but rows have only {features} features.");
        }
    }
}
