using FraudScoring.Core.Decisions;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class DegradationSetTests
{
    [Test]
    public void Empty_HasNone()
    {
        var set = default(DegradationSet);
        Assert.That((set.IsEmpty, set.Worst), Is.EqualTo((true, Degradation.None)));
        Assert.That(List(set), Is.Empty);
    }

    [Test]
    public void With_EverySubsetInAnyOrder_HoldsEachOnce_TheMostSevereFirst([Range(0, 15)] int subset)
    {
        var all = Enum.GetValues<Degradation>().Where(degradation => degradation != Degradation.None).ToArray();
        var chosen = all.Where((_, i) => (subset >> i & 1) != 0).ToList();
        var set = chosen.Concat(chosen).Aggregate(default(DegradationSet), (sum, next) => sum.With(next));
        var backwards = chosen.AsEnumerable().Reverse().Aggregate(default(DegradationSet), (sum, next) => sum.With(next));
        Assert.That(set, Is.EqualTo(backwards));
        Assert.That(List(set), Is.EqualTo(chosen.OrderDescending()));
        Assert.That(set.Worst, Is.EqualTo(chosen.Append(Degradation.None).Max()));
        Assert.That(all.Where(degradation => set.Contains(degradation)), Is.EqualTo(chosen));
    }

    [Test]
    public void With_NoneOrWhatDoesNotApply_AddsNothing()
    {
        var set = default(DegradationSet).With(Degradation.None).With(Degradation.RulesOnly, applies: false);
        Assert.That(set.IsEmpty, Is.True);
    }

    /// <summary>Callers compare severities by number.</summary>
    [Test]
    public void Severity_OfAnUnrecordedDecision_IsBetweenMissingFeaturesAndRulesOnly() =>
        Assert.That(Enum.GetValues<Degradation>(), Is.EqualTo(new[]
        {
            Degradation.None, Degradation.StaleFeatures, Degradation.MissingFeatures, Degradation.Unrecorded, Degradation.RulesOnly,
        }));

    private static List<Degradation> List(DegradationSet set)
    {
        var list = new List<Degradation>();
        foreach (var degradation in set)
        {
            list.Add(degradation);
        }
        return list;
    }
}
