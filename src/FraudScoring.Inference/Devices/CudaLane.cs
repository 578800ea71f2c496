using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FraudScoring.Inference.Contracts;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// A lane on a GPU: a session with fixed buffers on both sides. Rows are copied from pinned host memory to one block of device memory, the
/// recorded run of their size bucket is replayed, and all three outputs come back in one copy.
/// </summary>
/// <remarks>
/// A twin has many small operators, and launching their kernels one by one takes longer than running them. A recorded CUDA graph launches
/// all of them at once. But a recording holds for one shape at fixed addresses; hence the fixed buffers, and one recording per size bucket.
/// Recording every number of rows would avoid padding, at the price of hundreds of recordings and their memory; a padded row costs a GPU
/// almost nothing.
/// </remarks>
internal sealed unsafe class CudaLane : IDeviceLane
{
    // Kernels may read four floats at once: each output is aligned as CUDA aligns allocations.
    private const int Alignment = 256 / sizeof(float);
    private readonly InferenceSession _session;
    private readonly LaneGraph _graph;
    private readonly List<IDisposable> _owned = [];
    private readonly Bucket[] _buckets;
    private readonly nint _hostInput, _deviceInput, _hostOutput, _deviceOutput;
    private Bucket _last;

    public CudaLane(InferenceSession session, LaneGraph graph, int deviceId)
    {
        (_session, _graph) = (session, graph);
        var device = Own(new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, deviceId, OrtMemType.Default));
        var pinned = Own(new OrtMemoryInfo(
            OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, deviceId, OrtMemType.CpuOutput));
        var (onDevice, onHost) = (Own(new OrtAllocator(session, device)), Own(new OrtAllocator(session, pinned)));
        var (input, output) = ((long)MaxRows * graph.Features, Layout(MaxRows).End);
        (_hostInput, _deviceInput) = (Block(onHost, input), Block(onDevice, input));
        (_hostOutput, _deviceOutput) = (Block(onHost, output), Block(onDevice, output));
        new Span<float>((void*)_hostInput, (int)input).Clear();
        CudaRuntime.CopyToDevice(_deviceInput, _hostInput, input * sizeof(float));
        _buckets = [.. graph.Buckets.Sizes.Select((size, i) => Bind(size, i + 1, device))];
        _last = _buckets[0];
    }

    /// <inheritdoc />
    public int MaxRows => _graph.Buckets.MaxRows;

    /// <inheritdoc />
    public Span<float> Features => new((void*)_hostInput, MaxRows * _graph.Features);

    /// <inheritdoc />
    public ReadOnlySpan<float> Probability => Output(0, _last.Size);

    /// <inheritdoc />
    public ReadOnlySpan<float> Margin => Output(_last.Layout.Margin, _last.Size);

    /// <inheritdoc />
    public ReadOnlySpan<float> MemberMargins => Output(_last.Layout.MemberMargins, _last.Size * _graph.Members);

    /// <inheritdoc />
    public void Run(int rows)
    {
        // Rows between the batch and the bucket's size hold old values. They are run, too, and their results ignored.
        _last = _buckets[_graph.Buckets.Holding(rows)];
        CudaRuntime.CopyToDevice(_deviceInput, _hostInput, (long)rows * _graph.Features * sizeof(float));
        _session.RunWithBinding(_last.Options, _last.Binding);
        CudaRuntime.CopyToHost(_hostOutput, _deviceOutput, (long)_last.Layout.End * sizeof(float));
    }

    /// <summary>Runs every bucket three times: to allocate, to record, and to replay.</summary>
    public void Warm()
    {
        foreach (var size in _graph.Buckets.Sizes)
        {
            for (var i = 0; i < 3; i++)
            {
                Run(size);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Bindings and memory belong to the session's allocators, so they are freed before the session.
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
        _session.Dispose();
    }

    private ReadOnlySpan<float> Output(int start, int length) => new((float*)_hostOutput + start, length);

    private Bucket Bind(int size, int recording, OrtMemoryInfo device)
    {
        var layout = Layout(size);
        var binding = Own(_session.CreateIoBinding());
        binding.BindInput(EnsembleGraph.Features, Tensor(device, _deviceInput, size, _graph.Features));
        binding.BindOutput(EnsembleGraph.Probability, Tensor(device, _deviceOutput, size, 1));
        binding.BindOutput(EnsembleGraph.Margin, Tensor(device, At(layout.Margin), size, 1));
        binding.BindOutput(EnsembleGraph.MemberMargins, Tensor(device, At(layout.MemberMargins), size, _graph.Members));
        var options = Own(new RunOptions());
        options.AddRunConfigEntry("gpu_graph_id", recording.ToString(CultureInfo.InvariantCulture));
        return new Bucket(size, layout, binding, options);

        nint At(int start) => _deviceOutput + ((nint)start * sizeof(float));
    }

    private (int Margin, int MemberMargins, int End) Layout(int size)
    {
        var margin = Align(size);
        var members = margin + Align(size);
        return (margin, members, members + (size * _graph.Members));
    }

    private static int Align(int floats) => (floats + Alignment - 1) / Alignment * Alignment;

    private OrtValue Tensor(OrtMemoryInfo memory, nint address, long rows, long columns) =>
        Own(OrtValue.CreateTensorValueWithData(memory, TensorElementType.Float, [rows, columns], address, rows * columns * sizeof(float)));

    // The value owns the memory. Only its address is taken: device memory cannot be read here.
    private nint Block(OrtAllocator allocator, long floats) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(
        Own(OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, [floats])).GetTensorMutableRawData()));

    private T Own<T>(T value) where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }

    private sealed record Bucket(int Size, (int Margin, int MemberMargins, int End) Layout, OrtIoBinding Binding, RunOptions Options);
}
