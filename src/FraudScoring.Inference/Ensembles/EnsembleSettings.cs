using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Ensembles;

/// <summary>Where and how ensembles run.</summary>
public sealed record EnsembleSettings
{
    /// <summary>On the CPU, on the calling thread.</summary>
    public static EnsembleSettings Cpu { get; } = new();

    /// <summary>The device to use in addition to the CPU; null for none.</summary>
    public IDevice? Device { get; init; }

    /// <summary>True to refuse a model that the device cannot run; false to run it on the CPU.</summary>
    public bool IsDeviceRequired { get; init; }

    /// <summary>How requests for the device become batches.</summary>
    public BatchSettings Batch { get; init; } = new();

    /// <summary>When a model is quarantined.</summary>
    public QuarantineSettings Quarantine { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Receives events of models and devices.</summary>
    public InferenceReports Reports { get; init; } = InferenceReports.None;
}
