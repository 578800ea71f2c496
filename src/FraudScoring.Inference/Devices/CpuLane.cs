using FraudScoring.Inference.Contracts;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// A lane on the CPU: pinned buffers, bound once per size bucket to a session, so that a run allocates nothing. A batch is split into
/// buckets that it fills exactly, since padding costs as much as real rows on a CPU.
/// </summary>
internal sealed class CpuLane : IDeviceLane
{
    private readonly InferenceSession _session;
    private readonly LaneGraph _graph;
    private readonly bool _ownsSession;
    private readonly RunOptions _options = new();
    private readonly OrtIoBinding[] _bindings;
    private readonly float[] _features;
    private readonly float[] _probability;
    private readonly float[] _margin;
    private readonly float[] _memberMargins;
    private readonly List<OrtValue> _values = [];
    private readonly float[]? _input;
    private readonly float[]? _output;

    public CpuLane(InferenceSession session, LaneGraph graph, bool ownsSession)
    {
        (_session, _graph, _ownsSession) = (session, graph, ownsSession);
        var rows = graph.Buckets.MaxRows;
        _features = Pinned(rows * graph.Features);
        _probability = Pinned(rows);
        _margin = Pinned(rows);
        _memberMargins = Pinned(rows * graph.Members);
        // A batch of several buckets is copied through staging buffers, since bindings are to fixed addresses.
        (_input, _output) = rows == 1 ? (null, null) : (Pinned(rows * graph.Features), Pinned(rows * (2 + graph.Members)));
        _bindings = [.. graph.Buckets.Sizes.Select(Bind)];
    }

    /// <inheritdoc />
    public int MaxRows => _graph.Buckets.MaxRows;

    /// <inheritdoc />
    public Span<float> Features => _features;

    /// <inheritdoc />
    public ReadOnlySpan<float> Probability => _probability;

    /// <inheritdoc />
    public ReadOnlySpan<float> Margin => _margin;

    /// <inheritdoc />
    public ReadOnlySpan<float> MemberMargins => _memberMargins;

    /// <inheritdoc />
    public void Run(int rows)
    {
        if (_input is null)
        {
            _session.RunWithBinding(_options, _bindings[0]);
            return;
        }
        for (var done = 0; done < rows;)
        {
            var bucket = _graph.Buckets.FilledBy(rows - done);
            var size = _graph.Buckets.Sizes[bucket];
            _features.AsSpan(done * _graph.Features, size * _graph.Features).CopyTo(_input);
            _session.RunWithBinding(_options, _bindings[bucket]);
            _output.AsSpan(0, size).CopyTo(_probability.AsSpan(done));
            _output.AsSpan(MaxRows, size).CopyTo(_margin.AsSpan(done));
            _output.AsSpan(2 * MaxRows, size * _graph.Members).CopyTo(_memberMargins.AsSpan(done * _graph.Members));
            done += size;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Array.ForEach(_bindings, binding => binding.Dispose());
        _values.ForEach(value => value.Dispose());
        _options.Dispose();
        if (_ownsSession)
        {
            _session.Dispose();
        }
    }

    private OrtIoBinding Bind(int size)
    {
        var binding = _session.CreateIoBinding();
        binding.BindInput(EnsembleGraph.Features, Tensor(_input ?? _features, 0, size, _graph.Features));
        binding.BindOutput(EnsembleGraph.Probability, Tensor(_output ?? _probability, 0, size, 1));
        binding.BindOutput(EnsembleGraph.Margin, Tensor(_output ?? _margin, _output is null ? 0 : MaxRows, size, 1));
        binding.BindOutput(
            EnsembleGraph.MemberMargins, Tensor(_output ?? _memberMargins, _output is null ? 0 : 2 * MaxRows, size, _graph.Members));
        return binding;
    }

    private OrtValue Tensor(float[] buffer, int start, int rows, int columns)
    {
        var value = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, buffer.AsMemory(start, rows * columns), [rows, columns]);
        _values.Add(value);
        return value;
    }

    private static float[] Pinned(int length) => GC.AllocateArray<float>(length, pinned: true);
}
