using FraudScoring.Core.Payments;
using FraudScoring.Inference.Compilation;
using FraudScoring.Inference.Devices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>Compiles the CUDA twin of a user model with trees, and keeps it only if it returns the same answers as the model.</summary>
internal static class CheckedCudaTwin
{
    private const double Tolerance = 1e-6;
    private const int ReasonsShown = 3;

    // Numbers of rows: many, one, and none.
    private static readonly int[] Sizes = [256, 1, 0];

    /// <summary>Compiles the twin.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="own">The model, opened on the CPU.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <param name="why">Why there is no twin.</param>
    public static byte[]? Compile(
        ServedGraph graph, InferenceSession own, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs, out string why)
    {
        why = "it holds no trees";
        if (!graph.Model.Graph.Node.Any(SampleInputs.IsTrees))
        {
            return null;
        }
        try
        {
            var faults = new Faults();
            if (CudaTwin.Compile(graph.Model, faults) is not { } compiled)
            {
                why = string.Join("; ", faults.Take(ReasonsShown))
                    + (faults.Count > ReasonsShown ? FormattableString.Invariant($"; and {faults.Count - ReasonsShown} more") : "");
                return null;
            }
            var twin = compiled.ToByteArray();
            why = Difference(own, twin, SampleInputs.Create(graph.Model.Graph, inputs), outputs) ?? "";
            return why.Length == 0 ? twin : null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidDataException or ArgumentException or InvalidOperationException
            or IndexOutOfRangeException or KeyNotFoundException or OverflowException)
        {
            // Whatever a user's graph does to the compiler, the CPU can still serve it.
            why = $"it cannot be compiled: {e.Message}";
            return null;
        }
    }

    /// <summary>Runs the model and the twin on the CPU. Null if their answers agree.</summary>
    internal static string? Difference(InferenceSession own, byte[] twin, SampleInputs? sample, IReadOnlyList<TensorSpec> outputs)
    {
        if (sample is null)
        {
            return "it has inputs of types or shapes for which no rows can be generated to compare the twin with the model";
        }
        using var first = new RuntimeSession(own, ownsSession: false);
        using var second = new RuntimeSession(CpuDevice.OpenAsIs(twin), ownsSession: true);
        foreach (var (seed, rows) in Sizes.Where(size => size > 1 || sample.HasFreeRows).Index())
        {
            using var inputs = new BoundTensors(sample.Rows(rows, seed));
            if (TryRun(first, inputs, outputs) is not { } expected)
            {
                // The model does not accept such rows, for example no row at all.
                continue;
            }
            if (TensorDifference.Find(expected, inputs.Run(second, outputs), Tolerance) is { } difference)
            {
                return $"the twin returns different answers from the model: {difference}";
            }
        }
        return null;
    }

    private static Tensor[]? TryRun(IDeviceSession session, BoundTensors inputs, IReadOnlyList<TensorSpec> outputs)
    {
        try
        {
            return inputs.Run(session, outputs);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }
}
