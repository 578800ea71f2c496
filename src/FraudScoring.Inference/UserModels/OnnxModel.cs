using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>A user model: any ONNX graph with tensors as inputs and outputs. Thread-safe.</summary>
public sealed class OnnxModel : IServedModel
{
    private readonly RuntimeSession _session;
    private readonly TreeExplainer? _explainer;
    private readonly OnnxModelDevice? _device;
    private readonly string? _whyNoTwin;

    private OnnxModel(ModelId id, InferenceSession session, OnnxModelParts parts, EnsembleSettings settings)
    {
        (Id, _session, _explainer) = (id, new RuntimeSession(session), parts.Explainer);
        (Inputs, Outputs, MaxRows, WhyNotExplained) = (parts.Inputs, parts.Outputs, parts.MaxRows, parts.WhyNotExplained);
        Quarantine = new Quarantine(id, settings.Quarantine, settings.Time, settings.Reports);
        _whyNoTwin = parts.WhyNoTwin;
        if (settings.Device is not null && parts is { Twin: { } twin, Sample: { } sample })
        {
            _device = new OnnxModelDevice(id, new SessionTrial(twin, _session, sample, Outputs, settings), settings, parts.Begin);
            _device.Open();
        }
    }

    /// <inheritdoc />
    public ModelId Id { get; }

    /// <inheritdoc />
    public string Platform => "onnxruntime_onnx";

    /// <inheritdoc />
    public IReadOnlyList<TensorSpec> Inputs { get; }

    /// <inheritdoc />
    public IReadOnlyList<TensorSpec> Outputs { get; }

    /// <inheritdoc />
    public int MaxRows { get; }

    /// <inheritdoc />
    public string? WhyNotExplained { get; }

    /// <inheritdoc />
    public bool TakesMissing => false;

    /// <inheritdoc />
    public Quarantine Quarantine { get; }

    /// <inheritdoc />
    public string Placement => _whyNoTwin is not null ? $"on the CPU, without a CUDA twin: {_whyNoTwin}"
        : _device is null ? "on the CPU; its CUDA twin returns the same answers"
        : $"on the CPU, and as a CUDA twin on {_device.Name} ({_device.Health.State}: {_device.Health.Reason})";

    /// <summary>State of its device; null without a device or a CUDA twin.</summary>
    public CircuitState? DeviceState => _device?.Health.State;

    /// <summary>Opens the model in a folder, checks that it can be served, and runs it once.</summary>
    /// <param name="id">Name and version.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <param name="settings">Where and how the model runs; by default on the CPU.</param>
    public static OnnxModel? Load(ModelId id, string folder, Faults faults, EnsembleSettings? settings = null) =>
        Load(id, folder, settings ?? EnsembleSettings.Cpu, null, faults);

    /// <param name="id">Name and version.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">Where and how the model runs.</param>
    /// <param name="begin">Starts background work; by default on a thread of its own.</param>
    /// <param name="faults">Receives every fault.</param>
    internal static OnnxModel? Load(ModelId id, string folder, EnsembleSettings settings, Action<Action>? begin, Faults faults)
    {
        var before = faults.Count;
        var path = Path.Combine(folder, ServingManifest.GraphFileName);
        if (!File.Exists(path))
        {
            faults.Add(path, $"does not exist; a model is a folder <name>/<version> with {ServingManifest.GraphFileName}");
            return null;
        }
        var manifest = ServingManifest.Load(folder, faults);
        manifest.Check(path, faults);
        if (faults.Count > before || ServedGraph.Load(path, faults) is not { } graph)
        {
            return null;
        }
        InferenceSession? session = null;
        try
        {
            session = CpuDevice.Open(graph.Bytes);
            if (Parts(session, graph, manifest, folder, faults) is { } parts)
            {
                var model = new OnnxModel(id, session, parts with { Begin = begin }, settings);
                model.Warm();
                return model;
            }
        }
        catch (OnnxRuntimeException e)
        {
            faults.Add(path, $"cannot be run: {e.Message}");
        }
        session?.Dispose();
        return null;
    }

    /// <inheritdoc />
    public ModelAnswer Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<TensorSpec> outputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        using var options = new RunOptions();
        using var stop = cancellationToken.Register(() => options.Terminate = true);
        try
        {
            using var bound = new BoundTensors(inputs);
            if (_device is null)
            {
                return new ModelAnswer(bound.Run(_session, outputs, options), CpuDevice.Instance.Name);
            }
            var work = new SessionWork(bound, outputs, options);
            var device = _device.Run(work, bound.Rows);
            return new ModelAnswer(work.Answer, device);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ModelRunException(e.Message, e);
        }
    }

    /// <inheritdoc />
    public Tensor[] Explain(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken) =>
        (_explainer ?? throw new InvalidOperationException(WhyNotExplained)).Explain(inputs, cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        // A device that hangs may still use this session. Better to leak memory than to corrupt it.
        if (_device?.Stop() != false)
        {
            _session.Dispose();
        }
    }

    private static OnnxModelParts? Parts(
        InferenceSession session, ServedGraph graph, ServingManifest manifest, string folder, Faults faults)
    {
        var before = faults.Count;
        var path = Path.Combine(folder, ServingManifest.GraphFileName);
        var inputs = Specs("input", session.InputMetadata, session.InputNames, graph, path, faults);
        var outputs = Specs("output", session.OutputMetadata, session.OutputNames, graph, path, faults);
        outputs = manifest.WithRanges(outputs, path, faults);
        if (faults.Count > before)
        {
            return null;
        }
        var explainer = TreeExplainer.Create(graph, inputs, TreeCover.Find(folder, manifest), out var why, faults);
        if (explainer is not null && outputs.Any(output => output.Name is Explanation.Contributions or Explanation.BaseValue))
        {
            (explainer, why) = (null,
                $"it has an output named {Explanation.Contributions} or {Explanation.BaseValue} itself; rename that output");
        }
        if (faults.Count > before)
        {
            return null;
        }
        var twin = CheckedCudaTwin.Compile(graph, session, inputs, outputs, out var whyNoTwin);
        return new OnnxModelParts(inputs, outputs, manifest.MaxRows, explainer, why)
        {
            Twin = twin,
            WhyNoTwin = twin is null ? whyNoTwin : null,
            Sample = twin is null ? null : SampleInputs.Create(graph.Model.Graph, inputs),
        };
    }

    private static List<TensorSpec> Specs(
        string kind, IReadOnlyDictionary<string, NodeMetadata> nodes, IReadOnlyList<string> names, ServedGraph graph, string path,
        Faults faults)
    {
        var specs = new List<TensorSpec>();
        foreach (var name in names)
        {
            if (TensorSpec.Create(name, nodes[name], graph.HasShape(name)) is { } spec)
            {
                specs.Add(spec with { Classes = graph.Classes.GetValueOrDefault(name) });
                continue;
            }
            faults.Add(path, $"has the {kind} {name}, which is not a tensor of a type that the protocol supports; "
                + $"export the model with tensors of {string.Join(", ", TensorType.All)}");
        }
        return specs;
    }

    /// <summary>Runs the model on zeros, with length 1 for every free axis. A failure is ignored: zeros may not be valid inputs.</summary>
    private void Warm()
    {
        try
        {
            Run([.. Inputs.Select(Zeros)], Outputs, CancellationToken.None);
        }
        catch (ModelRunException)
        {
            // Some graphs reject zeros, or need lengths that only their users know.
        }
    }

    private static Tensor Zeros(TensorSpec spec)
    {
        long[] shape = [.. (spec.Axes ?? []).Select(axis => axis.IsFree ? 1 : axis.Size)];
        var count = (int)Math.Clamp(Tensor.CountOf(shape), 0, 1 << 24);
        var texts = spec.Type.IsText ? new ReadOnlyMemory<byte>[count] : null;
        return new Tensor(spec.Name, spec.Type, shape, new byte[count * spec.Type.Bytes], texts);
    }
}

/// <summary>The parts of a served graph apart from its session.</summary>
internal sealed record OnnxModelParts(
    IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs, int MaxRows, TreeExplainer? Explainer, string? WhyNotExplained)
{
    /// <summary>The CUDA twin.</summary>
    public byte[]? Twin { get; init; }

    /// <summary>Why it has no CUDA twin.</summary>
    public string? WhyNoTwin { get; init; }

    /// <summary>Inputs to compare and measure the CUDA twin with.</summary>
    public SampleInputs? Sample { get; init; }

    /// <summary>Starts background work; by default on a thread of its own.</summary>
    public Action<Action>? Begin { get; init; }
}
