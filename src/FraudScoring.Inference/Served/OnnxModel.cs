using FraudScoring.Core.Payments;
using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Served;

/// <summary>A model that a user brought: any ONNX graph of tensors. Safe to use from many threads.</summary>
public sealed class OnnxModel : IServedModel
{
    private readonly InferenceSession _session;
    private readonly TreeExplainer? _explainer;

    private OnnxModel(string name, string version, InferenceSession session, OnnxModelParts parts)
    {
        (Name, Version, _session, _explainer) = (name, version, session, parts.Explainer);
        (Inputs, Outputs, MaxRows, WhyNotExplained) = (parts.Inputs, parts.Outputs, parts.MaxRows, parts.WhyNotExplained);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public string Version { get; }

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

    /// <summary>Opens the model of a folder, checks that it can be served, and runs it once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="faults">All that is wrong; empty when a model is returned.</param>
    public static OnnxModel? Load(string name, string version, string folder, out List<Fault> faults)
    {
        faults = [];
        var path = Path.Combine(folder, ServingManifest.GraphFileName);
        if (!File.Exists(path))
        {
            faults.Add(new Fault(path, $"does not exist; a model is a folder <name>/<version> with {ServingManifest.GraphFileName}"));
            return null;
        }
        var manifest = ServingManifest.Read(folder, faults);
        manifest.Check(path, faults);
        if (faults.Count > 0 || ServedGraph.Read(path, faults) is not { } graph)
        {
            return null;
        }
        InferenceSession? session = null;
        try
        {
            session = CpuDevice.Open(graph.Bytes);
            if (Parts(session, graph, manifest, folder, faults) is { } parts)
            {
                var model = new OnnxModel(name, version, session, parts);
                model.Warm();
                return model;
            }
        }
        catch (OnnxRuntimeException e)
        {
            faults.Add(new Fault(path, $"cannot be run: {e.Message}"));
        }
        session?.Dispose();
        return null;
    }

    /// <inheritdoc />
    public Tensor[] Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<TensorSpec> outputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        using var bound = new BoundTensors(inputs);
        using var options = new RunOptions();
        using var stop = cancellationToken.Register(() => options.Terminate = true);
        try
        {
            using var values = _session.Run(options, bound.Names, bound.Values, [.. outputs.Select(output => output.Name)]);
            return [.. values.Select((value, i) => BoundTensors.Read(outputs[i], value))];
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
    public void Dispose() => _session.Dispose();

    private static OnnxModelParts? Parts(InferenceSession session, ServedGraph graph, ServingManifest manifest, string folder, List<Fault> faults)
    {
        var path = Path.Combine(folder, ServingManifest.GraphFileName);
        var inputs = Specs("input", session.InputMetadata, session.InputNames, graph, path, faults);
        var outputs = Specs("output", session.OutputMetadata, session.OutputNames, graph, path, faults);
        if (faults.Count > 0)
        {
            return null;
        }
        // Here, where the graph and its inputs are known, a tree model gets its twin for CUDA as well as its explainer.
        var explainer = TreeExplainer.Read(graph, inputs, TreeCover.Find(folder, manifest), out var why, faults);
        if (explainer is not null && outputs.Any(output => output.Name is Explanation.Contributions or Explanation.BaseValue))
        {
            (explainer, why) = (null, $"it has an output of its own that is called {Explanation.Contributions} or {Explanation.BaseValue}");
        }
        return faults.Count > 0 ? null : new OnnxModelParts(inputs, outputs, manifest.MaxRows, explainer, why);
    }

    private static List<TensorSpec> Specs(
        string kind, IReadOnlyDictionary<string, NodeMetadata> nodes, IReadOnlyList<string> names, ServedGraph graph, string path, List<Fault> faults)
    {
        var specs = new List<TensorSpec>();
        foreach (var name in names)
        {
            if (TensorSpec.Of(name, nodes[name], graph.HasShape(name)) is { } spec)
            {
                specs.Add(spec with { Classes = graph.Classes.GetValueOrDefault(name) });
                continue;
            }
            faults.Add(new Fault(path, $"its {kind} {name} is no tensor of a type that the protocol can carry; export the model with tensors of {string.Join(", ", TensorType.All)}"));
        }
        return specs;
    }

    /// <summary>Runs it on zeros, every free axis one long. What a model says of these says nothing of it, so a failure is none.</summary>
    private void Warm()
    {
        try
        {
            Run([.. Inputs.Select(Zeros)], Outputs, CancellationToken.None);
        }
        catch (ModelRunException)
        {
            // Some graphs take no zeros, or need axes of a length that only their users know.
        }
    }

    private static Tensor Zeros(TensorSpec spec)
    {
        long[] shape = [.. (spec.Axes ?? []).Select(axis => axis.IsFree ? 1 : axis.Size)];
        var count = (int)Math.Clamp(Tensor.CountOf(shape), 0, 1 << 24);
        return new Tensor(spec.Name, spec.Type, shape, new byte[count * spec.Type.Bytes], spec.Type.IsText ? new ReadOnlyMemory<byte>[count] : null);
    }
}

/// <summary>What a served graph is made of beside its session.</summary>
internal sealed record OnnxModelParts(
    IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs, int MaxRows, TreeExplainer? Explainer, string? WhyNotExplained);
