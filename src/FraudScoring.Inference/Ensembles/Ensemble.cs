using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Ensembles;

/// <summary>
/// A loaded and warmed ensemble. Thread-safe; a run allocates nothing once its buffers exist. It runs on the CPU, on the calling thread,
/// unless it also has a device and enough concurrent requests for the device to be faster.
/// </summary>
public sealed class Ensemble : IDisposable
{
    private const int WarmRuns = 32;
    private static readonly SizeBuckets BatchBuckets = new(256);
    private readonly InferenceSession _session;
    private readonly EnsembleExplainer _explainer;
    private readonly EnsembleLanes _lanes, _wideLanes;
    private readonly TimeProvider _time;
    private readonly int[] _featureIndexes;
    private readonly int _catalogueFeatures;
    private EnsembleDevice? _device;

    private Ensemble(
        ModelBundle bundle, int catalogueFeatures, InferenceSession session, EnsembleExplainer explainer, EnsembleSettings settings)
    {
        (Bundle, _session, _explainer, _time) = (bundle, session, explainer, settings.Time);
        (_featureIndexes, _catalogueFeatures) = (bundle.FeatureIndexes, catalogueFeatures);
        var graph = new LaneGraph(bundle.Graph, _featureIndexes.Length, bundle.Manifest.Members.Count, SizeBuckets.OneRow);
        var wide = graph with { Buckets = BatchBuckets };
        _lanes = new EnsembleLanes(() => new CpuLane(session, graph, ownsSession: false));
        _wideLanes = new EnsembleLanes(() => new CpuLane(session, wide, ownsSession: false));
        Id = bundle.Manifest.Id;
        Quarantine = new Quarantine(Id, settings.Quarantine, settings.Time, settings.Reports);
    }

    /// <summary>The bundle from which it was loaded.</summary>
    public ModelBundle Bundle { get; }

    /// <summary>Name and version.</summary>
    public ModelId Id { get; }

    /// <summary>
    /// Stops the ensemble from being used after repeated failures. Requests must run it through <see cref="GuardedRun"/>.
    /// </summary>
    public Quarantine Quarantine { get; }

    /// <summary>State of its device; null if it has none.</summary>
    public CircuitState? DeviceState => _device?.State;

    /// <summary>Where it runs, as the end of a sentence.</summary>
    internal string Placement => _device is null ? "on the CPU" : $"on the CPU, and on {_device.Name} when that is faster";

    /// <summary>True once it is disposed of. It must not be run then.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Number of CPU lanes opened so far: as many as there were concurrent runs.</summary>
    internal int LanesOpened => _lanes.Opened + _wideLanes.Opened;

    /// <summary>Opens a bundle's graph, checks its inputs and outputs, and warms it.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="catalogueFeatures">Number of features in a row of the catalogue.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <param name="settings">Where and how it runs; by default on the CPU, on the calling thread.</param>
    public static Ensemble? Load(ModelBundle bundle, int catalogueFeatures, Faults faults, EnsembleSettings? settings = null)
    {
        var before = faults.Count;
        settings ??= EnsembleSettings.Cpu;
        InferenceSession? session = null;
        try
        {
            session = CpuDevice.Open(bundle.Graph);
            CheckShape(session, bundle.Manifest, faults);
            if (faults.Count == before)
            {
                var explainer = EnsembleExplainer.Load(ModelProto.Parser.ParseFrom(bundle.Graph));
                var ensemble = new Ensemble(bundle, catalogueFeatures, session, explainer, settings);
                ensemble.Warm();
                ensemble._device = EnsembleDevice.Open(bundle, session, settings, faults);
                if (faults.Count == before)
                {
                    return ensemble;
                }
                ensemble.Dispose();
                return null;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException or Google.Protobuf.InvalidProtocolBufferException or InvalidDataException)
        {
            faults.Add(ModelManifest.GraphFileName, $"cannot be run: {e.Message}");
        }
        session?.Dispose();
        return null;
    }

    /// <summary>Scores one row on the CPU, on the calling thread.</summary>
    /// <param name="row">One float per feature of the catalogue; NaN is a missing value.</param>
    /// <param name="memberMargins">Receives one margin per member, in the manifest's order.</param>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public EnsembleScore Run(ReadOnlySpan<float> row, Span<float> memberMargins) => RunInline(row, memberMargins).Score;

    /// <summary>
    /// Scores one row: on the device, in a batch with other requests, if enough requests are under way for the device to be faster;
    /// otherwise synchronously, on the calling thread. Allocates nothing either way.
    /// </summary>
    /// <param name="row">As for <see cref="Run"/>. Read before this method returns.</param>
    /// <param name="memberMargins">As for <see cref="Run"/>. Written before the answer is available, and not afterwards.</param>
    /// <param name="deadline">Time stamp, of the settings' time provider, at which the caller no longer needs an answer.</param>
    /// <param name="cancellation">Cancelled when the caller gives up.</param>
    /// <exception cref="OnnxRuntimeException">The run failed on the calling thread.</exception>
    public ValueTask<BatchAnswer> RunAsync(
        ReadOnlySpan<float> row, float[] memberMargins, long deadline, CancellationToken cancellation = default)
    {
        if (_device is not { } device)
        {
            return new ValueTask<BatchAnswer>(RunInline(row, memberMargins));
        }
        if (device.IsWorthIt)
        {
            return device.Queue.EnqueueAsync(row, _featureIndexes, memberMargins, deadline, cancellation);
        }
        device.BeginInline();
        try
        {
            return new ValueTask<BatchAnswer>(RunInline(row, memberMargins));
        }
        finally
        {
            device.EndInline();
        }
    }

    /// <summary>Scores many rows on the CPU, on the calling thread.</summary>
    /// <param name="features">The rows, each with the features that the manifest names, in its order.</param>
    /// <param name="probability">Receives one calibrated fraud probability per row.</param>
    /// <param name="margin">Receives one stacker margin per row.</param>
    /// <param name="memberMargins">Receives one margin per row and member, row by row.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public void RunBatch(
        ReadOnlySpan<float> features, Span<float> probability, Span<float> margin, Span<float> memberMargins,
        CancellationToken cancellation = default)
    {
        var (width, members) = (_featureIndexes.Length, Bundle.Manifest.Members.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(features.Length, probability.Length * width);
        using var lease = _wideLanes.Rent();
        var lane = lease.Lane;
        for (var start = 0; start < probability.Length && !cancellation.IsCancellationRequested; start += lane.MaxRows)
        {
            var count = Math.Min(lane.MaxRows, probability.Length - start);
            features.Slice(start * width, count * width).CopyTo(lane.Features);
            lane.Run(count);
            lane.Probability[..count].CopyTo(probability[start..]);
            lane.Margin[..count].CopyTo(margin[start..]);
            lane.MemberMargins[..(count * members)].CopyTo(memberMargins[(start * members)..]);
        }
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Computes exact Shapley contributions to the margin.</summary>
    /// <param name="row">One float per feature of the catalogue.</param>
    /// <param name="contributions">Receives one contribution per feature of the catalogue; 0 for those the model does not use.</param>
    /// <returns>The base value: the margin minus the sum of the contributions.</returns>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        Span<float> features = stackalloc float[_featureIndexes.Length];
        Span<double> own = stackalloc double[_featureIndexes.Length];
        Pick(row, features);
        var baseValue = ExplainFeatures(features, own);
        contributions[.._catalogueFeatures].Clear();
        for (var i = 0; i < _featureIndexes.Length; i++)
        {
            contributions[_featureIndexes[i]] += own[i];
        }
        return baseValue;
    }

    /// <summary>As <see cref="Explain"/>, with the features that the manifest names, in its order.</summary>
    internal double ExplainFeatures(ReadOnlySpan<float> features, Span<double> contributions) =>
        _explainer.Explain(features, contributions);

    /// <inheritdoc />
    public void Dispose()
    {
        IsDisposed = true;
        if (_device?.Stop() == false)
        {
            // The device hangs, and its thread may still use this session. Better to leak memory than to corrupt it.
            return;
        }
        _lanes.Dispose();
        _wideLanes.Dispose();
        _session.Dispose();
    }

    private BatchAnswer RunInline(ReadOnlySpan<float> row, Span<float> memberMargins)
    {
        using var lease = _lanes.Rent();
        var lane = lease.Lane;
        var start = _time.GetTimestamp();
        Pick(row, lane.Features);
        var picked = _time.GetTimestamp();
        lane.Run(1);
        var ran = _time.GetTimestamp();
        lane.MemberMargins.CopyTo(memberMargins);
        var score = new EnsembleScore(lane.Probability[0], lane.Margin[0]);
        var times = new RunTimes(0, picked - start, ran - picked, _time.GetTimestamp() - ran);
        return new BatchAnswer(BatchOutcome.Scored, score, times, CpuDevice.Instance.Name);
    }

    private void Pick(ReadOnlySpan<float> row, Span<float> features)
    {
        for (var i = 0; i < _featureIndexes.Length; i++)
        {
            features[i] = row[_featureIndexes[i]];
        }
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

    private static void CheckShape(InferenceSession session, ModelManifest manifest, Faults faults)
    {
        if (!session.InputMetadata.TryGetValue(EnsembleGraph.Features, out var input)
            || input.Dimensions is not [_, var width] || width != manifest.Features.Count)
        {
            faults.Add(ModelManifest.GraphFileName, $"must have the input {EnsembleGraph.Features} [rows, {manifest.Features.Count}]");
        }
        foreach (var (name, columns) in new[]
        {
            (EnsembleGraph.Probability, 1), (EnsembleGraph.Margin, 1), (EnsembleGraph.MemberMargins, manifest.Members.Count),
        })
        {
            if (!session.OutputMetadata.TryGetValue(name, out var output) || output.Dimensions is not [_, var actual] || actual != columns)
            {
                faults.Add(ModelManifest.GraphFileName, $"must have the output {name} [rows, {columns}]");
            }
        }
    }
}
