using System.Runtime.InteropServices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Served;

/// <summary>A bundle as a model of tensors: the features its manifest names, in its order, to probability and margins.</summary>
public sealed class BundleModel : IServedModel
{
    private readonly int _catalogueFeatures;

    /// <param name="ensemble">The ensemble, which this owns.</param>
    /// <param name="catalogueFeatures">How many features a catalogue's row has.</param>
    public BundleModel(Ensemble ensemble, int catalogueFeatures)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        (Ensemble, _catalogueFeatures) = (ensemble, catalogueFeatures);
        var manifest = ensemble.Bundle.Manifest;
        var rows = new TensorAxis(-1, "rows");
        Inputs = [TensorSpec.Floats(EnsembleGraph.Features, rows, new TensorAxis(manifest.Features.Count))];
        Outputs =
        [
            TensorSpec.Floats(EnsembleGraph.Probability, rows, new TensorAxis(1)), TensorSpec.Floats(EnsembleGraph.Margin, rows, new TensorAxis(1)),
            TensorSpec.Floats(EnsembleGraph.MemberMargins, rows, new TensorAxis(manifest.Members.Count)),
        ];
    }

    /// <summary>The ensemble.</summary>
    public Ensemble Ensemble { get; }

    /// <inheritdoc />
    public string Name => Ensemble.Bundle.Manifest.Model;

    /// <inheritdoc />
    public string Version => Ensemble.Bundle.Manifest.Version;

    /// <inheritdoc />
    public string Platform => "fraud_scoring_bundle";

    /// <inheritdoc />
    public IReadOnlyList<TensorSpec> Inputs { get; }

    /// <inheritdoc />
    public IReadOnlyList<TensorSpec> Outputs { get; }

    /// <inheritdoc />
    public int MaxRows => int.MaxValue;

    /// <inheritdoc />
    public string? WhyNotExplained => null;

    /// <inheritdoc />
    public Tensor[] Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<TensorSpec> outputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        var values = MemoryMarshal.Cast<byte, float>(inputs[0].Bytes.Span);
        var (features, members) = (Ensemble.Bundle.FeatureIndexes, Ensemble.Bundle.Manifest.Members.Count);
        var rows = (int)inputs[0].Shape[0];
        var (row, probability, margin, memberMargins) = (new float[_catalogueFeatures], new float[rows], new float[rows], new float[rows * members]);
        try
        {
            for (var r = 0; r < rows; r++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Scatter(values.Slice(r * features.Length, features.Length), row);
                var score = Ensemble.Run(row, memberMargins.AsSpan(r * members, members));
                (probability[r], margin[r]) = ((float)score.Probability, (float)score.Margin);
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelRunException(e.Message, e);
        }
        return [.. outputs.Select(output => Output(output, rows, output.Name switch
        {
            EnsembleGraph.Probability => probability, EnsembleGraph.Margin => margin, _ => memberMargins,
        }))];
    }

    /// <inheritdoc />
    public Tensor[] Explain(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var features = Ensemble.Bundle.FeatureIndexes;
        var (row, contributions) = (new float[_catalogueFeatures], new double[_catalogueFeatures]);
        return Explanation.Of(MemoryMarshal.Cast<byte, float>(inputs[0].Bytes.Span), features.Length, (values, own) =>
        {
            Scatter(values, row);
            var baseValue = Ensemble.Explain(row, contributions);
            for (var i = 0; i < features.Length; i++)
            {
                own[i] = contributions[features[i]];
            }
            return baseValue;
        }, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => Ensemble.Dispose();

    private void Scatter(ReadOnlySpan<float> values, float[] row)
    {
        for (var i = 0; i < values.Length; i++)
        {
            row[Ensemble.Bundle.FeatureIndexes[i]] = values[i];
        }
    }

    private static Tensor Output(TensorSpec spec, int rows, float[] values) =>
        new(spec.Name, spec.Type, [rows, spec.Axes![1].Size], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
