using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>The options of a training run.</summary>
internal sealed record TrainRequest
{
    /// <summary>Path of the event log.</summary>
    public required string Log { get; init; }

    /// <summary>The models folder: its catalogue, policy and costs are used, and the bundle is written to a folder in it.</summary>
    public required string Models { get; init; }

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required bool Replace { get; init; }

    /// <summary>Days at the beginning that only build history.</summary>
    public required int WarmUpDays { get; init; }

    /// <summary>Days left out before the test.</summary>
    public required int GapDays { get; init; }

    /// <summary>Days at the end, before those with immature labels, that are only tested on.</summary>
    public required int TestDays { get; init; }

    /// <summary>Longest time from a payment to a label without tokens that still finds it, in milliseconds.</summary>
    public required long LabelHorizonMs { get; init; }

    /// <summary>Share of frauds that must be labelled by the end of the log for a day to be tested on, 0 to less than 1.</summary>
    public required double MatureShare { get; init; }

    /// <summary>The ensemble's parameters; a search starts with them.</summary>
    public required EnsembleParameters Parameters { get; init; }

    public required int Seed { get; init; }

    /// <summary>Number of parameter sets to try per member; 0 for no search.</summary>
    public required int Trials { get; init; }

    /// <summary>Path of the decision costs; null for those of the models folder.</summary>
    public required string? Costs { get; init; }

    /// <summary>Path of the exchange rates; null for those of the models folder.</summary>
    public string? Rates { get; init; }

    /// <summary>Path of the run log to append to.</summary>
    public required string Runs { get; init; }

    /// <summary>The whole command line, for the run log.</summary>
    public required string CommandLine { get; init; }

    /// <summary>The command line without file locations, for the manifest.</summary>
    public required string Command { get; init; }

    public string Folder => Path.Combine(Models, Model, Version);
}
