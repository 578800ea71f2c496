using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Contributions of the linear member: weight × standardised value. The base value is that of a row at the mean, where z = 0.
/// </summary>
internal sealed class LinearAttribution
{
    private readonly float[] _mean;
    private readonly float[] _scale;
    private readonly float[] _weights;
    private readonly float _clip;

    private LinearAttribution(float[] mean, float[] scale, float[] weights, float clip, double bias)
    {
        (_mean, _scale, _weights, _clip, BaseValue) = (mean, scale, weights, clip, bias);
    }

    /// <summary>The member's margin at z = 0.</summary>
    public double BaseValue { get; }

    public static LinearAttribution Create(GraphParameters graph, int features, Faults faults)
    {
        var scale = graph.Floats(EnsembleGraph.LinearScale, features);
        var zero = Array.FindIndex(scale, s => !(Math.Abs(s) > 0));
        if (zero >= 0)
        {
            faults.Add($"{EnsembleGraph.LinearScale}[{zero}]", "must not be 0; write 1 for a constant feature.");
        }
        var clip = graph.Floats(EnsembleGraph.LinearClip, 1)[0];
        if (!(clip >= 0))
        {
            faults.Add(EnsembleGraph.LinearClip, "must not be negative.");
        }
        return new LinearAttribution(
            graph.Floats(EnsembleGraph.LinearMean, features), scale, graph.Floats(EnsembleGraph.LinearWeights, features), clip,
            graph.Floats(EnsembleGraph.LinearBias, 1)[0]);
    }

    /// <summary>Adds <paramref name="scale"/> times each term. A missing value counts as the mean and adds nothing.</summary>
    public void AddContributions(ReadOnlySpan<float> row, double scale, Span<double> contributions)
    {
        for (var i = 0; i < _weights.Length; i++)
        {
            var z = Math.Clamp((row[i] - _mean[i]) / _scale[i], -_clip, _clip);
            contributions[i] += float.IsNaN(z) ? 0 : scale * _weights[i] * z;
        }
    }
}
