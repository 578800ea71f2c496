using System.Text.Json.Serialization;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Training.Learners;

/// <summary>The improvement of a metric, with its 95 % confidence interval.</summary>
/// <param name="Value">Improvement on all payments.</param>
/// <param name="AtLeast">Lower bound of the interval, by a bootstrap over cards.</param>
/// <param name="AtMost">Upper bound of the interval.</param>
/// <param name="Drawn">What the bootstrap drew, if not cards: "payments", because there are too few cards.</param>
internal sealed record Gain(
    double Value, double AtLeast, double AtMost,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Drawn = null)
{
    public static Gain Create(ResampledDifference difference) => new(
        Math.Round(difference.Value, 6), Math.Round(difference.Low, 6), Math.Round(difference.High, 6),
        difference.Unit == DrawnUnit.Cards ? null : SnakeCase.Convert(difference.Unit));
}

/// <summary>A compared member set, with its ranking metrics on out-of-fold predictions.</summary>
/// <param name="Members">Its members.</param>
/// <param name="AveragePrecision">Average precision on all folds.</param>
/// <param name="AreaUnderRoc">Area under the ROC curve on all folds.</param>
/// <param name="Gain">Improvement of average precision over the set with one member less; null for a single member.</param>
/// <param name="AucGain">The same for the area under the ROC curve.</param>
internal sealed record ConsideredSet(IReadOnlyList<string> Members, double AveragePrecision, double AreaUnderRoc, Gain? Gain, Gain? AucGain)
{
    /// <summary>True if one metric is significantly better than without the member and the other is not significantly worse.</summary>
    public bool IsBetter => Gain is not null && AucGain is not null
        && (Gain.AtLeast > 0 || AucGain.AtLeast > 0) && Gain.AtMost >= 0 && AucGain.AtMost >= 0;
}

/// <summary>
/// The members chosen for an ensemble, by forward selection: first the member that ranks best among those that use labels, then one by
/// one the member with the highest average precision among those that improve the ensemble significantly, until none does.
/// </summary>
/// <remarks>
/// Keeping all members would be simpler, but each costs time in every request, and one that adds nothing adds noise. Comparing metrics
/// without intervals would keep such a member about half of the time. The bootstrap draws cards, not payments: payments of a card resemble
/// each other, and drawing them one by one would make the intervals too narrow. It draws the same cards for both sets, so that their common
/// variation cancels out. With too few cards it draws payments as well, and the wider interval counts; the results say so. The choice is
/// made on out-of-fold predictions, because the test part must not influence any choice. The cost:
/// with few frauds the intervals are wide, and often only one member is left.
/// </remarks>
/// <param name="Members">The chosen members, in the order of <see cref="EnsembleMembers.Names"/>.</param>
/// <param name="Considered">All compared sets, in the order of comparison.</param>
internal sealed record MemberChoice(IReadOnlyList<string> Members, IReadOnlyList<ConsideredSet> Considered)
{
    /// <summary>Minimum number of folds: the stacker of each fold is fitted to the other folds.</summary>
    public const int LeastFolds = 2;

    // The seed is fixed, so that every set is compared on the same draws.
    private static readonly BootstrapOptions Draws = new(200, 0.95, 20_260_104);

    /// <summary>Chooses among the members of the out-of-fold predictions; the same predictions give the same choice.</summary>
    /// <exception cref="ArgumentException">Too few folds, or no member that uses labels.</exception>
    public static MemberChoice Choose(OutOfFold folds, CancellationToken cancellation = default)
    {
        if (folds.Folds.Count < LeastFolds)
        {
            throw new ArgumentException($"choosing members needs at least {LeastFolds} folds; use more folds, or list the members");
        }
        var judge = new SetJudge(folds, Draws, cancellation);
        var sets = folds.Members.Where(name => name != EnsembleGraph.Anomaly).Select(name => judge.Judge([name], null)).ToList();
        var considered = sets.ConvertAll(set => set.Figures);
        var best = sets.MaxBy(set => set.Figures.AveragePrecision)
            ?? throw new ArgumentException("no member uses labels; add trees, forest or linear");
        while (true)
        {
            sets = [.. folds.Members.Except(best.Figures.Members)
                .Select(name => judge.Judge(WithOneMore(best.Figures.Members, name), best))];
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
