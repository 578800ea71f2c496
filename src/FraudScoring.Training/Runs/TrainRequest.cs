using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>What a training run is asked for.</summary>
internal sealed record TrainRequest
{
    /// <summary>Path of the event log to learn from.</summary>
    public required string Log { get; init; }

    /// <summary>The models folder: its catalogue, policy and costs are used, and the bundle is written below it.</summary>
    public required string Models { get; init; }

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required bool Replace { get; init; }

    /// <summary>Days at the beginning that only make history.</summary>
    public required int WarmUpDays { get; init; }

    /// <summary>Days before the test that are left out.</summary>
    public required int GapDays { get; init; }

    /// <summary>Days at the end that are only tested on.</summary>
    public required int TestDays { get; init; }

    /// <summary>How the ensemble is trained; where a search begins.</summary>
    public required EnsembleParameters Parameters { get; init; }

    /// <summary>The seed of all draws.</summary>
    public required int Seed { get; init; }

    /// <summary>Parameters to try per member; 0 for no search.</summary>
    public required int Trials { get; init; }

    /// <summary>File of what decisions cost; null for that of the models folder.</summary>
    public required string? Costs { get; init; }

    /// <summary>The run log to add to.</summary>
    public required string Runs { get; init; }

    /// <summary>The command line, as the run log records it.</summary>
    public required string CommandLine { get; init; }

    /// <summary>The command line without what only says where files lie, as the manifest records it.</summary>
    public required string Command { get; init; }

    public string Folder => Path.Combine(Models, Model, Version);
}
