using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>A training run in the run log: its inputs, validation and results.</summary>
internal sealed record RunRecord
{
    /// <summary>The first digits of the SHA-256 of the record without its id.</summary>
    public required string Id { get; init; }

    /// <summary>End of the run.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The command line without the program.</summary>
    public required string Command { get; init; }

    /// <summary>Name and version of the model, such as <c>payments/2</c>.</summary>
    public required string Model { get; init; }

    public required SortedDictionary<string, string> Parameters { get; init; }

    public required string DataHash { get; init; }

    public required string CatalogueHash { get; init; }

    public required int Seed { get; init; }

    /// <summary>Results of the time-ordered folds.</summary>
    public required IReadOnlyList<FoldResult> Folds { get; init; }

    /// <summary>The member sets that were compared; empty if the members were given.</summary>
    public IReadOnlyList<ConsideredSet> Considered { get; init; } = [];

    /// <summary>The trials of the parameter search; empty without a search.</summary>
    public required IReadOnlyList<Trial> Trials { get; init; }

    /// <summary>How long labels take, and which days are left out for it; null in records of releases that did not estimate it.</summary>
    public string? LabelMaturity { get; init; }

    /// <summary>Metrics on the test part.</summary>
    public required SortedDictionary<string, double> Metrics { get; init; }

    /// <summary>Seconds from the start of the run to the written bundle.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>SHA-256 of the bundle's manifest.</summary>
    public required string BundleHash { get; init; }
}
