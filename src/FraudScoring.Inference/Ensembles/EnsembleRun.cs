using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Ensembles;

/// <summary>Buffers for one row, bound to a session once and reused: a run allocates nothing.</summary>
internal sealed class EnsembleRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly OrtValue[] _values;

    public EnsembleRun(InferenceSession session, int features, int members)
    {
        _session = session;
        Features = GC.AllocateArray<float>(features, pinned: true);
        MemberMargins = GC.AllocateArray<float>(members, pinned: true);
        Probability = GC.AllocateArray<float>(1, pinned: true);
        Margin = GC.AllocateArray<float>(1, pinned: true);
        _values = [Tensor(Features), Tensor(Probability), Tensor(Margin), Tensor(MemberMargins)];
        _binding = session.CreateIoBinding();
        _binding.BindInput(EnsembleGraph.Features, _values[0]);
        _binding.BindOutput(EnsembleGraph.Probability, _values[1]);
        _binding.BindOutput(EnsembleGraph.Margin, _values[2]);
        _binding.BindOutput(EnsembleGraph.MemberMargins, _values[3]);
    }

    public float[] Features { get; }

    public float[] MemberMargins { get; }

    public float[] Probability { get; }

    public float[] Margin { get; }

    public void Execute() => _session.RunWithBinding(_options, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var value in _values)
        {
            value.Dispose();
        }
        _options.Dispose();
    }

    private static OrtValue Tensor(float[] buffer) => OrtValue.CreateTensorValueFromMemory(buffer, [1, buffer.Length]);
}
