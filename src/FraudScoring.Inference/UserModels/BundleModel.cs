using System.Runtime.InteropServices;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// A bundle served by its tensors: from the features that its manifest names, in its order, to the probability and margins.
/// </summary>
public sealed class BundleModel : IServedModel
{
    /// <param name="ensemble">The ensemble, which this object owns.</param>
    public BundleModel(Ensemble ensemble)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        Ensemble = ensemble;
        var manifest = ensemble.Bundle.Manifest;
        var rows = new TensorAxis(-1, "rows");
        Inputs = [TensorSpec.Floats(EnsembleGraph.Features, rows, new TensorAxis(manifest.Features.Count))];
        Outputs =
        [
            TensorSpec.Floats(EnsembleGraph.Probability, rows, new TensorAxis(1)) with { Range = ValueRange.Probability },
            TensorSpec.Floats(EnsembleGraph.Margin, rows, new TensorAxis(1)),
            TensorSpec.Floats(EnsembleGraph.MemberMargins, rows, new TensorAxis(manifest.Members.Count)),
        ];
    }

    /// <summary>The ensemble.</summary>
    public Ensemble Ensemble { get; }

    /// <inheritdoc />
    public ModelId Id => Ensemble.Id;

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
    public bool TakesMissing => true;

    /// <inheritdoc />
    public string Placement => Ensemble.Placement;

    /// <inheritdoc />
    public Quarantine Quarantine => Ensemble.Quarantine;

    /// <inheritdoc />
    public ModelAnswer Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<TensorSpec> outputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        var values = MemoryMarshal.Cast<byte, float>(inputs[0].Bytes.Span);
        var rows = (int)inputs[0].Shape[0];
        var (probability, margin) = (new float[rows], new float[rows]);
        var memberMargins = new float[rows * Ensemble.Bundle.Manifest.Members.Count];
        try
        {
            Ensemble.RunBatch(values, probability, margin, memberMargins, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelRunException(e.Message, e, isOfModel: true);
        }
        return new ModelAnswer([.. outputs.Select(output => Output(output, rows, output.Name switch
        {
            EnsembleGraph.Probability => probability, EnsembleGraph.Margin => margin, _ => memberMargins,
        }))], CpuDevice.Instance.Name);
    }

    /// <inheritdoc />
    public Tensor[] Explain(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var values = MemoryMarshal.Cast<byte, float>(inputs[0].Bytes.Span);
        return Explanation.Create(
            values, Ensemble.Bundle.Manifest.Features.Count, (row, own) => Ensemble.ExplainFeatures(row, own), cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => Ensemble.Dispose();

    private static Tensor Output(TensorSpec spec, int rows, float[] values) =>
        new(spec.Name, spec.Type, [rows, spec.Axes![1].Size], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
