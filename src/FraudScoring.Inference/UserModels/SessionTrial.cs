using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.UserModels;

/// <summary>Opens, compares and measures sessions of a user model's CUDA twin.</summary>
/// <param name="twin">The twin.</param>
/// <param name="cpu">The model on the CPU; not disposed of here.</param>
/// <param name="sample">Inputs to compare and measure with.</param>
/// <param name="outputs">All outputs.</param>
/// <param name="settings">The device, and when it is used.</param>
internal sealed class SessionTrial(
    byte[] twin, IDeviceSession cpu, SampleInputs sample, IReadOnlyList<TensorSpec> outputs, EnsembleSettings settings)
    : IDeviceTrial<IDeviceSession>
{
    private const double Tolerance = 1e-4;
    private const int ComparedRows = 64, TimedRuns = 3;
    private static readonly int[] MeasuredRows = [1, 8, 64, 512];

    public IDeviceSession Cpu => cpu;

    // No measurement is needed if the threshold is configured.
    public IReadOnlyList<int> Sizes => settings.Batch.TransferThreshold > 0 ? [] : sample.HasFreeRows ? MeasuredRows : [1];

    public string RowsName => "rows";

    public IDeviceSession Open()
    {
        using var row = new BoundTensors(sample.Rows(1, seed: 1));
        return settings.Device!.OpenSession(twin, row.Named);
    }

    public string? FindDifference(IDeviceSession session)
    {
        using var rows = new BoundTensors(sample.Rows(ComparedRows, seed: 2));
        return TensorDifference.Find(rows.Run(cpu, outputs), rows.Run(session, outputs), Tolerance) is { } difference
            ? $"returned a different answer from the CPU: {difference}" : null;
    }

    /// <summary>The shortest of several runs: other load on the machine can only make a run longer.</summary>
    public long Measure(IDeviceSession session, int size)
    {
        using var rows = new BoundTensors(sample.Rows(size, seed: 3));
        return Enumerable.Range(0, TimedRuns).Min(_ =>
        {
            var start = settings.Time.GetTimestamp();
            rows.Run(session, outputs);
            return settings.Time.GetTimestamp() - start;
        });
    }
}
