using System.ComponentModel.DataAnnotations;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Server.Api;

/// <summary>Section "Serving": limits of the Open Inference Protocol.</summary>
internal sealed record ServingOptions
{
    public const string Section = "Serving";

    /// <summary>Largest request message, in bytes; 1 KiB to 256 MiB. Raise it when clients send larger batches.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Maximum number of rows of a request: the length of the first axis where the model leaves it free.</summary>
    [Range(1, 1_000_000)]
    public int MaxRows { get; init; } = 4096;

    /// <summary>Maximum number of elements of one tensor, over all axes.</summary>
    [Range(1, 100_000_000)]
    public int MaxElements { get; init; } = 1_000_000;

    /// <summary>Concurrent runs; 0 means half of the processors. Lower it when payments slow down while large batches run.</summary>
    [Range(0, 1024)]
    public int MaxRuns { get; init; }

    /// <summary>Requests that may wait for a run. Further requests are refused with RESOURCE_EXHAUSTED.</summary>
    [Range(0, 100_000)]
    public int MaxWaiting { get; init; } = 1000;

    public TensorLimits Limits => new(MaxRows, MaxElements);
}
