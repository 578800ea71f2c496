using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Ensembles;

/// <summary>Where and how ensembles run.</summary>
public sealed record EnsembleSettings
{
    /// <summary>On the CPU, inline.</summary>
    public static EnsembleSettings Cpu { get; } = new();

    /// <summary>The device beside the CPU; null when there is none.</summary>
    public IDevice? Device { get; init; }

    /// <summary>Whether a model that the device does not run is refused; else the CPU runs it.</summary>
    public bool IsDeviceRequired { get; init; }

    /// <summary>How requests for the device become batches.</summary>
    public BatchSettings Batch { get; init; } = new();

    /// <summary>When a model is quarantined.</summary>
    public QuarantineSettings Quarantine { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who hears of devices and batches.</summary>
    public InferenceReports Reports { get; init; } = InferenceReports.None;
}
