using FraudScoring.Training.Learners;
using FraudScoring.Training.Runs;

namespace FraudScoring.Tests.Training.Runs;

/// <summary>Generated run records.</summary>
internal static class RunRecords
{
    public static RunRecord Make(int number, double precision = 0.8) => new()
    {
        Id = "",
        Time = DateTimeOffset.UnixEpoch.AddDays(number),
        Command = $"train --version {number}",
        Model = $"payments/{number}",
        Parameters = new() { ["trees.leaves"] = $"{30 + number}", ["trees.depth"] = "8" },
        DataHash = "data0123456789abcdef",
        CatalogueHash = "catalogue",
        Seed = 7,
        Folds = [new FoldResult(1, 0, 86_400_000, 100, 3, 50, 2, 40, new() { ["trees"] = precision, ["linear"] = 0.5 })],
        Trials = [new Trial("trees", new Dictionary<string, string> { ["leaves"] = "31" }, 0.75)],
        Metrics = new() { ["auc_roc"] = 0.9, ["average_precision"] = precision },
        DurationSeconds = 12.5,
        BundleHash = $"bundle{number}",
    };
}
