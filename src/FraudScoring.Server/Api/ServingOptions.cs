using System.ComponentModel.DataAnnotations;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Server.Api;

/// <summary>Section "Serving": what the Open Inference Protocol takes.</summary>
internal sealed record ServingOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Serving";

    /// <summary>Largest message of the protocol, in bytes.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Most rows of a request: entries of a first axis that is free.</summary>
    [Range(1, 1_000_000)]
    public int MaxRows { get; init; } = 4096;

    /// <summary>Most elements of one tensor.</summary>
    [Range(1, 100_000_000)]
    public int MaxElements { get; init; } = 1_000_000;

    /// <summary>Runs at the same time; 0 for half of the processors. The others are left to payments.</summary>
    [Range(0, 1024)]
    public int MaxRuns { get; init; }

    /// <summary>Requests that may wait for a run; more are refused with RESOURCE_EXHAUSTED.</summary>
    [Range(0, 100_000)]
    public int MaxWaiting { get; init; } = 1000;

    /// <summary>What the tensors of a request are held to.</summary>
    public TensorLimits Limits => new(MaxRows, MaxElements);
}
