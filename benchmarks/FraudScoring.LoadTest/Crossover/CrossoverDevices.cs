using FraudScoring.Core.Payments;
using FraudScoring.Inference.Compilation;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>A device that runs ensembles: a column of the table.</summary>
/// <param name="Name">Name of the column, such as "cuda:0".</param>
/// <param name="Open">Opens a lane for a model. Called on the thread that runs it.</param>
internal sealed record CrossoverDevice(string Name, Func<ModelProto, IDeviceLane> Open);

/// <summary>The devices of this machine, found and opened as the service does.</summary>
internal static class CrossoverDevices
{
    /// <summary>Finds the devices.</summary>
    /// <param name="withTwin">Whether to also run the CUDA twin on the CPU. It is slow there; it serves for comparison.</param>
    /// <param name="missing">Why there is no GPU; null if there is one.</param>
    public static List<CrossoverDevice> Find(bool withTwin, out string? missing)
    {
        List<CrossoverDevice> found = [new("cpu, one thread", model => OpenLane(CpuDevice.Instance, model))];
        var cuda = CudaProbe.Find(new CudaSettings(DeviceId: 0, MemoryLimitBytes: 0));
        missing = cuda.Device is null ? cuda.Text : null;
        if (cuda.Device is { } gpu)
        {
            found.Add(new("cuda", model => OpenLane(gpu, Twin(model))));
        }
        if (withTwin)
        {
            found.Add(new("twin on the cpu", model => OpenLane(CpuDevice.Instance, Twin(model))));
        }
        return found;
    }

    private static IDeviceLane OpenLane(IDevice device, ModelProto model) =>
        device.OpenLane(
            new LaneGraph(model.ToByteArray(), SampledEnsemble.Features, Members: 1, new SizeBuckets(CrossoverSweep.Batches[^1])));

    private static ModelProto Twin(ModelProto model)
    {
        var faults = new Faults();
        return CudaTwin.Compile(model, faults) ?? throw new InvalidDataException($"the ensemble has no twin: {faults}");
    }
}
