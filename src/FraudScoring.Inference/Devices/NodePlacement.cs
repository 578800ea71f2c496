using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>A node of a graph and where it was run.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Provider">The execution provider that ran it, such as CPUExecutionProvider.</param>
internal sealed record PlacedNode(string Name, string Operator, string Provider);

/// <summary>Finds out where each node of a graph runs, from ONNX Runtime's profile of a run.</summary>
/// <remarks>
/// The runtime silently assigns a node without a kernel on the device to the CPU. The graph then still runs, with copies back and forth for
/// every such node, and is often slower than on the CPU alone. The runtime's option to disable this
/// fallback refuses the whole graph without naming a node; the profile names the provider of each. The cost is one more session and one
/// more run whenever a graph is opened.
/// </remarks>
internal static class NodePlacement
{
    private const string NodeSuffix = "_kernel_time";

    /// <summary>Runs one row in a profiled session and reads which provider ran each node.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">Options of the session; profiling is turned on.</param>
    public static IReadOnlyList<PlacedNode> Trace(LaneGraph graph, SessionOptions options)
    {
        using var row = OrtValue.CreateTensorValueFromMemory(new float[graph.Features], [1, graph.Features]);
        return Trace(graph.Bytes, new NamedValues([Contracts.EnsembleGraph.Features], [row]), options);
    }

    /// <summary>Runs any graph in a profiled session and reads which provider ran each node.</summary>
    /// <param name="model">The ONNX graph.</param>
    /// <param name="inputs">Inputs to run it on.</param>
    /// <param name="options">Options of the session; profiling is turned on.</param>
    public static IReadOnlyList<PlacedNode> Trace(byte[] model, NamedValues inputs, SessionOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("fraud-placement-").FullName;
        try
        {
            options.ProfileOutputPathPrefix = Path.Combine(folder, "run");
            options.EnableProfiling = true;
            using var session = new InferenceSession(model, options);
            using var run = new RunOptions();
            using var outputs = session.Run(run, inputs.Names, inputs.Values, session.OutputNames);
            return Parse(File.ReadAllBytes(session.EndProfiling()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Reads the nodes of a profile, each once.</summary>
    /// <exception cref="InvalidDataException">The bytes are not the profile of a run.</exception>
    public static IReadOnlyList<PlacedNode> Parse(ReadOnlyMemory<byte> profile)
    {
        try
        {
            using var events = JsonDocument.Parse(profile);
            var nodes = events.RootElement.EnumerateArray().Select(Node).OfType<PlacedNode>().Distinct().ToList();
            return nodes.Count > 0 ? nodes : throw new InvalidDataException("The runtime's profile names no node.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The runtime's profile cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Throws if any node was run by another provider.</summary>
    /// <exception cref="DeviceRefusedException">The message names these nodes.</exception>
    public static void Require(IReadOnlyList<PlacedNode> nodes, string provider)
    {
        var others = nodes.Where(node => node.Provider != provider).ToList();
        if (others.Count > 0)
        {
            throw new DeviceRefusedException($"{others.Count} of {nodes.Count} nodes do not run on {provider}: "
                + string.Join(", ", others.Select(node => $"{node.Name} ({node.Operator}, {node.Provider})")));
        }
    }

    private static PlacedNode? Node(JsonElement entry)
    {
        if (Text(entry, "cat") != "Node" || Text(entry, "name") is not { } name
            || !name.EndsWith(NodeSuffix, StringComparison.Ordinal)
            || !entry.TryGetProperty("args", out var args) || Text(args, "provider") is not { Length: > 0 } provider)
        {
            return null;
        }
        return new PlacedNode(name[..^NodeSuffix.Length], Text(args, "op_name") ?? "", provider);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
