using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Exact Shapley contributions of an ensemble's stacker margin, read from the same graph that is run. The margin is a weighted sum of the
/// members', and so are its contributions: trees by <see cref="TreeShap"/>, the linear member by its terms. Immutable and
/// thread-safe; explaining allocates nothing after a thread's first rows.
/// </summary>
public sealed class EnsembleExplainer
{
    private readonly TreeShap? _trees;
    private readonly LinearAttribution? _linear;
    private readonly double _treesWeight;
    private readonly double _linearWeight;

    private EnsembleExplainer(
        int features, double bias, (TreeShap? Member, double Weight) trees, (LinearAttribution? Member, double Weight) linear)
    {
        Features = features;
        (_trees, _treesWeight) = trees;
        (_linear, _linearWeight) = linear;
        BaseValue = bias + (_treesWeight * (_trees?.BaseValue ?? 0)) + (_linearWeight * (_linear?.BaseValue ?? 0));
    }

    /// <summary>Columns of a row.</summary>
    public int Features { get; }

    /// <summary>The margin before anything is known of a row: the trees' mean over their cover, the linear member at its mean.</summary>
    public double BaseValue { get; }

    /// <summary>Reads an ensemble that follows <see cref="EnsembleGraph"/>; either member may be absent.</summary>
    /// <exception cref="InvalidDataException">
    /// A member that is not known here, parameters missing or of the wrong length, trees without cover: what could not be explained
    /// exactly.
    /// </exception>
    public static EnsembleExplainer Load(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = new EnsembleParameters(model.Graph);
        var members = graph.Members();
        var weights = graph.Floats(EnsembleGraph.StackerWeights, members.Count);
        var bias = graph.Floats(EnsembleGraph.StackerBias, 1);
        var hasTrees = members.Contains(EnsembleGraph.Trees);
        var hasLinear = members.Contains(EnsembleGraph.Linear);
        var trees = hasTrees ? TreeEnsembleReader.Read(model, EnsembleGraph.Trees) : null;
        var features = graph.Features(trees);
        var linear = hasLinear ? LinearAttribution.Read(graph, features) : null;
        if (trees is not null && trees.Cover is null)
        {
            graph.Faults.Add(new Fault($"{EnsembleGraph.Trees}.nodes_hitrates", "write the training rows that came through each node."));
        }
        if (trees?.FeatureCount > features)
        {
            graph.Faults.Add(new Fault($"{EnsembleGraph.Trees}.nodes_featureids", $"feature {trees.FeatureCount - 1} of {features}."));
        }
        if (graph.Faults.Count > 0)
        {
            throw new InvalidDataException(Fault.Join(graph.Faults));
        }
        double Weight(string member) => members.Contains(member) ? weights[members.IndexOf(member)] : 0;
        return new EnsembleExplainer(features, bias[0],
            (trees is null ? null : new TreeShap(trees, features), Weight(EnsembleGraph.Trees)), (linear, Weight(EnsembleGraph.Linear)));
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
        _linear?.AddContributions(row, _linearWeight, own);
        _trees?.AddContributions(row, _treesWeight, own);
        return BaseValue;
    }
}
