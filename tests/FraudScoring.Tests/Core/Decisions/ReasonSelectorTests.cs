using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class ReasonSelectorTests
{
    private static readonly PolicyOutcome Plain = new(Decision.Review, 0, ListHit.None);

    private static readonly FeatureCatalogue Six = Catalogue("ABCDEF");

    [Test]
    public void Select_ManyGroups_GivesTheFourStrongestFirst() =>
        Assert.That(Codes(Six, Plain, [0.1, 0.6, 0.3, 0.2, 0.5, 0.4]),
            Is.EqualTo(new[] { ("B", 0.6), ("E", 0.5), ("F", 0.4), ("C", 0.3) }));

    [Test]
    public void Select_FeaturesOfOneGroup_AreReportedOnceWithTheirSum() =>
        Assert.That(Codes(Catalogue("ABBA"), Plain, [0.5, 0.3, 0.3, -0.1]), Is.EqualTo(new[] { ("B", 0.6), ("A", 0.4) }));

    [Test]
    public void Select_GroupThatLoweredTheMargin_IsNotReported() =>
        Assert.That(Codes(Catalogue("ABBC"), Plain, [0.5, 1, -1.5, 0]), Is.EqualTo(new[] { ("A", 0.5) }));

    [Test]
    public void Select_FeatureWithoutReason_IsNotReported() =>
        Assert.That(Codes(Catalogue("A-"), Plain, [0.1, 9]), Is.EqualTo(new[] { ("A", 0.1) }));

    [Test]
    public void Select_NoContributions_ReportsOnlyThePolicy() => Assert.That(Codes(Six, Plain, []), Is.Empty);

    [Test]
    public void Select_ContributionIsNaN_IsNotReported() =>
        Assert.That(Codes(Catalogue("AB"), Plain, [double.NaN, 1]), Is.EqualTo(new[] { ("B", 1.0) }));

    [Test]
    public void Select_RulesFired_ComeFirstInTheirOrder()
    {
        var policy = Policy(3);
        Assert.That(Codes(Six, Plain with { FiredRules = 0b101 }, [0, 9, 0, 0, 0, 8], policy),
            Is.EqualTo(new[] { ("R0", 0.0), ("R2", 0), ("B", 9), ("F", 8) }));
        Assert.That(Codes(Six, Plain with { FiredRules = 0b11111 }, [9, 9, 9, 9, 9, 9], Policy(5)).Select(r => r.Code),
            Is.EqualTo(new[] { "R0", "R1", "R2", "R3" }));
    }

    [TestCase(ListHit.Blocked, ReasonSelector.BlockedCode)]
    [TestCase(ListHit.Trusted, ReasonSelector.TrustedCode)]
    public void Select_OnAList_TheListComesFirst(ListHit list, string code) =>
        Assert.That(Codes(Six, Plain with { List = list }, [])[0], Is.EqualTo((code, 0.0)));

    [Test]
    public void Select_AnyContributions_AreAtMostFourDescendingPositiveAndDistinct()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var contributions = new double[TestCatalogues.Served.Features.Count];
            foreach (ref var contribution in contributions.AsSpan())
            {
                contribution = random.NextDouble() - 0.6;
            }
            var reasons = Codes(TestCatalogues.Served, Plain, contributions);
            var sums = TestCatalogues.Served.Features.Where(f => f.Reason is not null).GroupBy(f => f.Reason!)
                .ToDictionary(g => g.Key, g => g.Sum(f => contributions[f.Index]));
            var expected = sums.Where(s => s.Value > 0).OrderByDescending(s => s.Value).Take(4).Select(s => s.Key);
            Assert.That(reasons.Select(r => r.Code), Is.EqualTo(expected), $"seed {seed}");
        }
    }

    [Test]
    public void Select_Warm_AllocatesNothing()
    {
        var selector = new ReasonSelector(Six, Policy(2));
        var reasons = new Reason[ReasonSelector.MaxReasons];
        double[] contributions = [1, 2, 3, 4, 5, 6];
        selector.Select(Plain, contributions, reasons);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            selector.Select(Plain, contributions, reasons);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static (string Code, double Contribution)[] Codes(FeatureCatalogue catalogue, PolicyOutcome outcome, double[] contributions,
        DecisionPolicy? policy = null)
    {
        var reasons = new Reason[ReasonSelector.MaxReasons];
        var count = new ReasonSelector(catalogue, policy ?? TestPolicies.Create()).Select(outcome, contributions, reasons);
        Assert.That(reasons.Take(count).Select(r => r.Text), Has.All.Not.Empty);
        return [.. reasons.Take(count).Select(r => (r.Code, Math.Round(r.Contribution, 12)))];
    }

    private static DecisionPolicy Policy(int rules) =>
        TestPolicies.Create(string.Join(",", Enumerable.Range(0, rules)
            .Select(i => TestPolicies.Rule($"R{i}", "review", "features.amount >= 1"))));

    /// <summary>One feature per letter. The letter is its reason, and a hyphen is a feature without a reason.</summary>
    private static FeatureCatalogue Catalogue(string reasons)
    {
        var features = reasons.Select((r, i) =>
            $$"""{"name": "f{{i}}", "text": "t", "payment": "amount"{{(r == '-' ? "" : $", \"reason\": \"{r}\"")}}}""");
        var declared = string.Join(",", reasons.Where(r => r != '-').Distinct().Select(r => $"\"{r}\": \"Reason {r}\""));
        var json = TestCatalogues.Json("""{"name": "card", "fields": ["card"]}""", [.. features])
            .Replace("\"R\": \"A reason\", \"S\": \"Another\"", declared, StringComparison.Ordinal);
        return TestCatalogues.Compile(System.Text.Encoding.UTF8.GetBytes(json));
    }
}
