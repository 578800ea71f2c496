using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Training.Learners;

/// <summary>By how much something is better, and how sure that is.</summary>
/// <param name="Value">On all payments.</param>
/// <param name="AtLeast">Lower bound of a 95 % interval by draws of cards.</param>
/// <param name="AtMost">Upper bound.</param>
internal sealed record Gain(double Value, double AtLeast, double AtMost)
{
    public static Gain Create(ResampledDifference difference) =>
        new(Math.Round(difference.Value, 6), Math.Round(difference.Low, 6), Math.Round(difference.High, 6));
}

/// <summary>A set of members that was looked at, and how it ranks payments that came after all its members had learned from.</summary>
/// <param name="Members">Its members.</param>
/// <param name="AveragePrecision">On all folds.</param>
/// <param name="AreaUnderRoc">On all folds.</param>
/// <param name="Gain">Of average precision, over the set that has one member less; null for a member alone.</param>
/// <param name="AucGain">The same of the area under the ROC curve.</param>
internal sealed record ConsideredSet(IReadOnlyList<string> Members, double AveragePrecision, double AreaUnderRoc, Gain? Gain, Gain? AucGain)
{
    /// <summary>Surely better by one of the two figures, and not surely worse by the other: more than chance gives.</summary>
    public bool IsBetter => Gain is not null && AucGain is not null
        && (Gain.AtLeast > 0 || AucGain.AtLeast > 0) && Gain.AtMost >= 0 && AucGain.AtMost >= 0;
}

/// <summary>
/// Which members an ensemble is made of: the one that sees labels and ranks best, and then, one by one, the member that raises average
/// precision most among those that make the ensemble better by more than chance, until there is none.
/// </summary>
/// <param name="Members">Those that earn their place, in the order of <see cref="EnsembleMembers.Names"/>.</param>
/// <param name="Considered">All sets that were looked at, in order.</param>
internal sealed record MemberChoice(IReadOnlyList<string> Members, IReadOnlyList<ConsideredSet> Considered)
{
    /// <summary>Folds that are needed, so that there are others to stack each on.</summary>
    public const int LeastFolds = 2;

    // The same draws for every set.
    private static readonly BootstrapOptions Draws = new(200, 0.95, 20_260_104);

    /// <summary>Chooses among the members that the folds were predicted by; the same predictions give the same choice.</summary>
    /// <exception cref="ArgumentException">There are too few folds, or no member that sees labels.</exception>
    public static MemberChoice Choose(OutOfFold folds, CancellationToken cancellation = default)
    {
        if (folds.Folds.Count < LeastFolds)
        {
            throw new ArgumentException($"members are chosen on at least {LeastFolds} folds; name them, or take more folds");
        }
        var judge = new SetJudge(folds, Draws, cancellation);
        var sets = folds.Members.Where(name => name != EnsembleGraph.Anomaly).Select(name => judge.Judge([name], null)).ToList();
        var considered = sets.ConvertAll(set => set.Figures);
        var best = sets.MaxBy(set => set.Figures.AveragePrecision)
            ?? throw new ArgumentException("none of the members sees labels; name one that does");
        while (true)
        {
            sets = [.. folds.Members.Except(best.Figures.Members).Select(name => judge.Judge(WithOneMore(best.Figures.Members, name), best))];
            considered.AddRange(sets.Select(set => set.Figures));
            if (sets.Where(set => set.Figures.IsBetter).MaxBy(set => set.Figures.AveragePrecision) is not { } better)
            {
                return new MemberChoice(best.Figures.Members, considered);
            }
            best = better;
        }
    }

    private static string[] WithOneMore(IReadOnlyList<string> members, string name) =>
        [.. EnsembleMembers.Names.Where(one => one == name || members.Contains(one))];
}
