using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Server.Scoring;

/// <summary>Section "Inference": the device of models, batching on the GPU, and quarantine.</summary>
internal sealed record InferenceOptions
{
    public const string Section = "Inference";

    /// <summary>
    /// Device of models: Auto (a working GPU if there is one, else the CPU), Cpu, or Cuda (the start fails without a GPU).
    /// </summary>
    [EnumDataType(typeof(DeviceChoice))]
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>Index of the GPU, as nvidia-smi lists it.</summary>
    [Range(0, 63)]
    public int DeviceId { get; init; }

    /// <summary>Maximum GPU memory per model, in MiB; 0 means no limit.</summary>
    [Range(0, 1_048_576)]
    public int DeviceMemoryMiB { get; init; } = 2048;

    /// <summary>Maximum number of payments in a GPU batch, 1 to 4096; rounded up to a power of two.</summary>
    [Range(1, 4096)]
    public int MaxBatchRows { get; init; } = 256;

    /// <summary>
    /// How long a batch that is not full waits for more payments, in microseconds. 0: each batch takes the payments that
    /// arrived during the previous run. Raise it only if the GPU is overloaded by small batches.
    /// </summary>
    [Range(0, 100_000)]
    public int MaxDelayMicros { get; init; }

    /// <summary>Payments that may wait for the GPU. Further payments are refused.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>
    /// Number of concurrent payments from which the GPU is used instead of the CPU. 0: the number from which it is faster, measured when a
    /// model is loaded.
    /// </summary>
    [Range(0, 4096)]
    public int TransferThreshold { get; init; }

    /// <summary>Consecutive invalid answers or failed runs before a model is quarantined.</summary>
    [Range(1, 1000)]
    public int QuarantineAfter { get; init; } = 3;

    /// <summary>
    /// Seconds until a quarantined model is retried. Doubles with each retry that fails, up to twelve times this value.
    /// </summary>
    [Range(1, SecondsPer.Hour)]
    public int QuarantineSeconds { get; init; } = 5;

    /// <summary>Converts the options to the settings that all ensembles are loaded with.</summary>
    /// <param name="device">The GPU; null without one.</param>
    /// <param name="reports">Receives the events of devices, batches and quarantine.</param>
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

    /// <summary>Probes for the GPU, unless the CPU is configured.</summary>
    /// <param name="faults">Receives a fault if a GPU is required and none works.</param>
    /// <returns>The GPU, or null for the CPU; and the finding as text.</returns>
    public (CudaDevice? Device, string Text) FindDevice(Faults faults)
    {
        if (Device == DeviceChoice.Cpu)
        {
            return (null, "the CPU, as configured by Inference:Device");
        }
        var finding = CudaProbe.Find(new CudaSettings(DeviceId, DeviceMemoryMiB * 1024L * 1024));
        if (finding.Device is null && Device == DeviceChoice.Cuda)
        {
            faults.Add($"{Section}:Device", $"is Cuda, but {finding.Text}, or set it to Auto to use the CPU");
        }
        return (finding.Device, finding.Device is null ? $"the CPU: {finding.Text}" : finding.Text);
    }
}

internal enum DeviceChoice
{
    /// <summary>A working GPU if there is one, else the CPU.</summary>
    Auto,
    Cpu,
    /// <summary>A GPU; the start fails without one.</summary>
    Cuda,
}
