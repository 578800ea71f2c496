using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>One run of training, as the run log holds it: what went in, how it was validated, what came out.</summary>
internal sealed record RunRecord
{
    /// <summary>The first digits of the record's own hash.</summary>
    public required string Id { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The command line, without the program.</summary>
    public required string Command { get; init; }

    /// <summary>Name and version of the model.</summary>
    public required string Model { get; init; }

    public required SortedDictionary<string, string> Parameters { get; init; }

    public required string DataHash { get; init; }

    public required string CatalogueHash { get; init; }

    /// <summary>The seed of all draws.</summary>
    public required int Seed { get; init; }

    /// <summary>Time-ordered validation, fold by fold.</summary>
    public required IReadOnlyList<FoldResult> Folds { get; init; }

    /// <summary>The sets of members that were looked at; empty where the members were named.</summary>
    public IReadOnlyList<ConsideredSet> Considered { get; init; } = [];

    /// <summary>What a search tried; empty without one.</summary>
    public required IReadOnlyList<Trial> Trials { get; init; }

    /// <summary>On the test part.</summary>
    public required SortedDictionary<string, double> Metrics { get; init; }

    /// <summary>From the first look at the log to the written bundle.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>SHA-256 of the bundle's manifest.</summary>
    public required string BundleHash { get; init; }
}
