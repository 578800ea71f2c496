using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Server.Scoring;

/// <summary>Section "Inference": on what models run, and what keeps them from it.</summary>
internal sealed record InferenceOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Inference";

    /// <summary>On what: Auto (a GPU where one is found that works, else the CPU), Cpu, or Cuda (without one the service does not start).</summary>
    [EnumDataType(typeof(DeviceChoice))]
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>Number of the GPU, as nvidia-smi shows it.</summary>
    [Range(0, 63)]
    public int DeviceId { get; init; }

    /// <summary>Most memory a model takes on the GPU, in MiB. 0: no limit.</summary>
    [Range(0, 1_048_576)]
    public int DeviceMemoryMiB { get; init; } = 2048;

    /// <summary>Most payments of one run on the GPU; rounded up to a power of two.</summary>
    [Range(1, 4096)]
    public int MaxBatchRows { get; init; } = 256;

    /// <summary>How long a batch that is not full waits for more, in microseconds. 0: it is what came while the run before it was in flight.</summary>
    [Range(0, 100_000)]
    public int MaxDelayMicros { get; init; }

    /// <summary>Payments that may wait for the GPU. When it is full, more are answered by rules alone.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>From how many payments at a time on the GPU is used. 0: from where it is faster than the CPU, measured when a model is loaded.</summary>
    [Range(0, 4096)]
    public int TransferThreshold { get; init; }

    /// <summary>After how many answers in a row that are none a model is kept away from payments, and tried again from time to time.</summary>
    [Range(1, 1000)]
    public int QuarantineAfter { get; init; } = 3;

    /// <summary>After how many seconds it is tried again for the first time; each time that fails doubles it, up to twelve times as long.</summary>
    [Range(1, SecondsPer.Hour)]
    public int QuarantineSeconds { get; init; } = 5;

    /// <summary>The settings all ensembles are loaded with.</summary>
    /// <param name="device">The GPU that was found; null without one.</param>
    /// <param name="reports">Hears of devices, batches and quarantine.</param>
    /// <param name="time">The clock.</param>
    public EnsembleSettings ToSettings(CudaDevice? device, InferenceReports reports, TimeProvider time)
    {
        var pause = TimeSpan.FromSeconds(QuarantineSeconds);
        return new EnsembleSettings
        {
            Device = device,
            IsDeviceRequired = Device == DeviceChoice.Cuda,
            Batch = new BatchSettings
            {
                MaxRows = MaxBatchRows, QueueCapacity = QueueCapacity, MaxDelay = TimeSpan.FromMicroseconds(MaxDelayMicros),
                TransferThreshold = TransferThreshold,
            },
            Quarantine = new QuarantineSettings { After = QuarantineAfter, FirstPause = pause, LongestPause = pause * 12 },
            Reports = reports,
            Time = time,
        };
    }

    /// <summary>Looks for the device.</summary>
    /// <param name="faults">Gets a fault when a GPU is required and none works.</param>
    /// <returns>The GPU, or null for the CPU; and what was found, for people.</returns>
    public (CudaDevice? Device, string Text) FindDevice(Faults faults)
    {
        if (Device == DeviceChoice.Cpu)
        {
            return (null, "the CPU, as Inference:Device says");
        }
        var finding = CudaProbe.Find(new CudaSettings(DeviceId, DeviceMemoryMiB * 1024L * 1024));
        if (finding.Device is null && Device == DeviceChoice.Cuda)
        {
            faults.Add($"{Section}:Device", $"is Cuda, but {finding.Text}; or set it to Auto");
        }
        return (finding.Device, finding.Device is null ? $"the CPU: {finding.Text}" : finding.Text);
    }
}

/// <summary>On what models run.</summary>
internal enum DeviceChoice
{
    /// <summary>On a GPU where one is found that works, else on the CPU.</summary>
    Auto,
    /// <summary>On the CPU.</summary>
    Cpu,
    /// <summary>On a GPU; the service does not start without one.</summary>
    Cuda,
}
