using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Ensembles;

/// <summary>What an ensemble says of one payment.</summary>
/// <param name="Probability">Calibrated fraud probability, 0 to 1.</param>
/// <param name="Margin">The stacker's margin (log-odds), before calibration: what contributions add up to.</param>
public readonly record struct EnsembleScore(double Probability, double Margin);

/// <summary>A loaded, warmed ensemble. Safe to use from many threads; a run allocates nothing once its buffers exist.</summary>
public sealed class Ensemble : IDisposable
{
    private const int WarmRuns = 32;
    private readonly InferenceSession _session;
    private readonly EnsembleExplainer _explainer;
    private readonly EnsembleRun?[] _idle = new EnsembleRun?[4 * Environment.ProcessorCount];
    private readonly int[] _featureIndexes;
    private readonly int _catalogueFeatures;

    private Ensemble(ModelBundle bundle, int catalogueFeatures, InferenceSession session, EnsembleExplainer explainer)
    {
        (Bundle, _session, _explainer) = (bundle, session, explainer);
        (_featureIndexes, _catalogueFeatures) = (bundle.FeatureIndexes, catalogueFeatures);
    }

    /// <summary>The bundle it was made from.</summary>
    public ModelBundle Bundle { get; }

    /// <summary>It was let go of, and must not be run.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Opens a bundle's graph, checks its inputs and outputs, and runs it until it is warm.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="catalogueFeatures">How many features a catalogue's row has.</param>
    /// <param name="faults">All that is wrong; empty when an ensemble is returned.</param>
    public static Ensemble? Load(ModelBundle bundle, int catalogueFeatures, out List<Fault> faults)
    {
        faults = [];
        InferenceSession? session = null;
        try
        {
            session = CpuDevice.Open(bundle.Graph);
            CheckShape(session, bundle.Manifest, faults);
            if (faults.Count == 0)
            {
                var explainer = EnsembleExplainer.Load(ModelProto.Parser.ParseFrom(bundle.Graph));
                var ensemble = new Ensemble(bundle, catalogueFeatures, session, explainer);
                ensemble.Warm();
                return ensemble;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException or Google.Protobuf.InvalidProtocolBufferException or InvalidDataException)
        {
            faults.Add(new Fault(ModelManifest.GraphFileName, $"cannot be run: {e.Message}"));
        }
        session?.Dispose();
        return null;
    }

    /// <summary>Scores one row.</summary>
    /// <param name="row">One float per feature of the catalogue; NaN is a missing value.</param>
    /// <param name="memberMargins">Room for one margin per member, in the manifest's order.</param>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public EnsembleScore Run(ReadOnlySpan<float> row, Span<float> memberMargins)
    {
        var run = Rent();
        for (var i = 0; i < _featureIndexes.Length; i++)
        {
            run.Features[i] = row[_featureIndexes[i]];
        }
        run.Execute();
        run.MemberMargins.CopyTo(memberMargins);
        var score = new EnsembleScore(run.Probability[0], run.Margin[0]);
        Return(run);
        return score;
    }

    /// <summary>Exact Shapley contributions to the margin.</summary>
    /// <param name="row">One float per feature of the catalogue.</param>
    /// <param name="contributions">One per feature of the catalogue; those the model does not use get 0.</param>
    /// <returns>The base value: margin minus the sum of contributions.</returns>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        Span<float> features = stackalloc float[_featureIndexes.Length];
        Span<double> own = stackalloc double[_featureIndexes.Length];
        for (var i = 0; i < _featureIndexes.Length; i++)
        {
            features[i] = row[_featureIndexes[i]];
        }
        var baseValue = _explainer.Explain(features, own);
        contributions[.._catalogueFeatures].Clear();
        for (var i = 0; i < _featureIndexes.Length; i++)
        {
            contributions[_featureIndexes[i]] += own[i];
        }
        return baseValue;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        IsDisposed = true;
        for (var i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
        _session.Dispose();
    }

    private EnsembleRun Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } idle)
            {
                return idle;
            }
        }
        return new EnsembleRun(_session, _featureIndexes.Length, Bundle.Manifest.Members.Count);
    }

    private void Return(EnsembleRun run)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], run, null) is null)
            {
                return;
            }
        }
        run.Dispose();
    }

    private void Warm()
    {
        var row = new float[_catalogueFeatures];
        var margins = new float[Bundle.Manifest.Members.Count];
        var contributions = new double[_catalogueFeatures];
        for (var i = 0; i < WarmRuns; i++)
        {
            row.AsSpan().Fill(i % 2 == 0 ? float.NaN : i);
            Run(row, margins);
            Explain(row, contributions);
        }
    }

    private static void CheckShape(InferenceSession session, ModelManifest manifest, List<Fault> faults)
    {
        if (!session.InputMetadata.TryGetValue(EnsembleGraph.Features, out var input) || input.Dimensions is not [_, var width] || width != manifest.Features.Count)
        {
            faults.Add(new Fault(ModelManifest.GraphFileName, $"must have the input {EnsembleGraph.Features} [rows, {manifest.Features.Count}]"));
        }
        foreach (var (name, columns) in new[]
        {
            (EnsembleGraph.Probability, 1), (EnsembleGraph.Margin, 1), (EnsembleGraph.MemberMargins, manifest.Members.Count),
        })
        {
            if (!session.OutputMetadata.TryGetValue(name, out var output) || output.Dimensions is not [_, var actual] || actual != columns)
            {
                faults.Add(new Fault(ModelManifest.GraphFileName, $"must have the output {name} [rows, {columns}]"));
            }
        }
    }
}
