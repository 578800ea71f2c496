using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Training.Learners;

internal sealed record EnsembleParameters
{
    public BoostedTreesParameters Trees { get; init; } = new();

    public ForestParameters Forest { get; init; } = new();

    public LogisticRegressionParameters Linear { get; init; } = new();

    public IsolationForestParameters Anomaly { get; init; } = new();

    /// <summary>Names of the members it is made of, or may be made of, each once.</summary>
    public IReadOnlyList<string> Members { get; init; } = EnsembleMembers.Names;

    /// <summary>Take only those of the members that earn their place on the folds: see <see cref="MemberChoice"/>.</summary>
    public bool ChooseMembers { get; init; }

    /// <summary>What the members' mistakes weigh.</summary>
    public LossWeights Weights { get; init; } = new();

    /// <summary>
    /// Time-ordered folds within the fit rows, 0 to 20: on their predictions the stacker is fitted, and they say how many trees to grow.
    /// 0: the stacker is fitted on the earliest of the later rows, and the latest of the fit rows say how many trees.
    /// </summary>
    public int Folds { get; init; } = 3;

    /// <summary>Time before each fold whose payments are left out of what the fold is predicted from, 0 to 3,660 days.</summary>
    public TimeSpan FoldGap { get; init; }

    /// <summary>Share of the rows learned from, the latest, on which the trees see when to stop, 0 to 0.5; 0 grows all trees.</summary>
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>Without folds: share of the later rows, the earliest, for the stacker, 0.1 to 0.9; calibration gets the rest.</summary>
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
            faults.Add(nameof(Members), $"'{unknown}' is none of {allowed}");
        }
        if (Members.Distinct().Count() != Members.Count || !Members.Any(name => name != EnsembleGraph.Anomaly))
        {
            faults.Add(nameof(Members), "must be named once each, and one at least must be other than anomaly, which sees no labels");
        }
        if (ChooseMembers && Folds < MemberChoice.LeastFolds)
        {
            faults.Add(nameof(Folds), $"must be at least {MemberChoice.LeastFolds} for members to be chosen on; or name the members");
        }
    }
}
