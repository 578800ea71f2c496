using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Training.Learners;

internal sealed record EnsembleParameters
{
    public BoostedTreesParameters Trees { get; init; } = new();

    public ForestParameters Forest { get; init; } = new();

    public LogisticRegressionParameters Linear { get; init; } = new();

    public IsolationForestParameters Anomaly { get; init; } = new();

    /// <summary>Names of the members, each once; with <see cref="ChooseMembers"/> the candidates.</summary>
    public IReadOnlyList<string> Members { get; init; } = EnsembleMembers.Names;

    /// <summary>True to keep only the members that improve the results on the folds: see <see cref="MemberChoice"/>.</summary>
    public bool ChooseMembers { get; init; }

    /// <summary>Weights of the rows while members are trained.</summary>
    public LossWeights Weights { get; init; } = new();

    /// <summary>
    /// Number of time-ordered folds within the fit rows, 0 to 20. The stacker is fitted to their predictions, and they determine the number
    /// of boosted trees. With 0, the stacker is fitted to the earliest of the later rows, and the latest fit rows determine the number of
    /// trees.
    /// </summary>
    public int Folds { get; init; } = 3;

    /// <summary>Time before each fold whose payments are not trained on for that fold, 0 to 3,660 days.</summary>
    public TimeSpan FoldGap { get; init; }

    /// <summary>Share of the training rows, the latest of them, that decide when boosting stops, 0 to 0.5; 0 grows all trees.</summary>
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>
    /// Without folds, the share of the later rows, the earliest of them, for the stacker, 0.1 to 0.9; calibration gets the rest.
    /// </summary>
    public double StackingShare { get; init; } = 0.5;

    public void Check(Faults faults)
    {
        CheckMembers(faults);
        Trees.Check(faults);
        Forest.Check(faults);
        Linear.Check(faults);
        Anomaly.Check(faults);
        Weights.Check(faults);
        ParameterRange.Within(nameof(Folds), Folds, 0, 20, faults);
        ParameterRange.Within(nameof(FoldGap), FoldGap.TotalDays, 0, 3_660, faults);
        ParameterRange.Within(nameof(ValidationShare), ValidationShare, 0, 0.5, faults);
        ParameterRange.Within(nameof(StackingShare), StackingShare, 0.1, 0.9, faults);
    }

    private void CheckMembers(Faults faults)
    {
        var allowed = string.Join(", ", EnsembleMembers.Names);
        foreach (var unknown in Members.Except(EnsembleMembers.Names))
        {
            faults.Add(nameof(Members), $"'{unknown}' is not one of {allowed}");
        }
        if (Members.Distinct().Count() != Members.Count || !Members.Any(name => name != EnsembleGraph.Anomaly))
        {
            faults.Add(nameof(Members), "must be listed once each, and must include trees, forest or linear: anomaly uses no labels");
        }
        if (ChooseMembers && Folds < MemberChoice.LeastFolds)
        {
            faults.Add(nameof(Folds), $"must be at least {MemberChoice.LeastFolds} to choose members; otherwise list the members");
        }
    }
}
