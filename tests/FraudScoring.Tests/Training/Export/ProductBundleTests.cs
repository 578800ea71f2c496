using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Decisions;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Attribution;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Export;

/// <summary>The committed bundle on realistic rows: simulated payments replayed through the active catalogue.</summary>
public sealed class ProductBundleTests
{
    private readonly List<float[]> _rows = [];
    private Ensemble _ensemble = null!;

    [OneTimeSetUp]
    public void LoadAndReplay()
    {
        var faults = new Faults();
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        faults.Clear();
        _ensemble = Ensemble.Load(bundle, TestCatalogues.Served.Features.Count, faults)!;
        var folder = Directory.CreateTempSubdirectory("product-").FullName;
        try
        {
            var log = Path.Combine(folder, "events.log");
            SimulatedLog.Write(new SimulationOptions { Customers = 60, Terminals = 120, Radius = 30, Days = 25, Seed = 3 },
                log, null, (_, _) => { }, CancellationToken.None);
            var payments = 0;
            new HistoryReplay(TestCatalogues.Served, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs).Run(EventLogReader.Read(log), (_, row) =>
            {
                if (++payments % 5 == 0)
                {
                    _rows.Add(row.ToArray());
                }
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [OneTimeTearDown]
    public void Dispose() => _ensemble.Dispose();

    [Test]
    public void Manifest_Members_AreThoseThatEarnedTheirPlace()
    {
        var manifest = _ensemble.Bundle.Manifest;
        Assert.That(manifest.Members, Has.Count.GreaterThan(1).And.SubsetOf(EnsembleMembers.Names));
        Assert.That(manifest.MembersConsidered.Select(set => set.Members), Has.Some.EqualTo(manifest.Members));
        Assert.That(manifest.MemberResults.Select(result => result.Member), Is.EqualTo(manifest.Members));
        Assert.That(manifest.Folds.Select(fold => fold.Number), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void Explain_SimulatedPayments_AddUpToTheMargin()
    {
        Assert.That(_rows, Has.Count.GreaterThan(300));
        var contributions = new double[TestCatalogues.Served.Features.Count];
        var margins = new float[_ensemble.Bundle.Manifest.Members.Count];
        foreach (var row in _rows)
        {
            var sum = _ensemble.Explain(row, contributions) + contributions.Sum();
            Assert.That(sum, Is.EqualTo(_ensemble.Run(row, margins).Margin).Within(1e-4));
        }
    }

    [Test]
    public void Explain_SimulatedPayments_AllocatesNothing()
    {
        var contributions = new double[TestCatalogues.Served.Features.Count];
        _rows.ForEach(row => _ensemble.Explain(row, contributions));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var row in _rows)
        {
            _ensemble.Explain(row, contributions);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Explain_TreesOfAFewFeatures_EqualShapleyByDefinition()
    {
        // Shapley values by definition take 2^features evaluations, so only trees that read at most eight features are checked.
        var model = ModelProto.Parser.ParseFrom(_ensemble.Bundle.Graph);
        foreach (var member in EnsembleGraph.TreeMembers.Intersect(_ensemble.Bundle.Manifest.Members))
        {
            var trees = TreeEnsembleReader.Parse(model, member);
            var small = trees.Roots.Select(root => SmallTree.Extract(trees, root))
                .Where(tree => tree.Features.Length is > 1 and <= 8).Take(3).ToList();
            foreach (var (tree, row) in small.SelectMany(tree => _rows.Take(10).Select(row => (tree, tree.Pick(row)))))
            {
                var contributions = new double[tree.Features.Length];
                new TreeShap(tree.Trees, tree.Features.Length).AddContributions(row, 1, contributions);
                Assert.That(contributions, Is.EqualTo(BruteForceShapley.Contributions(tree.Trees, row)).Within(2e-6), member);
            }
        }
    }

    [Test]
    public void Reasons_SimulatedPayments_AreAtMostFourOnceEachAndTheSameAgain()
    {
        var selector = new ReasonSelector(TestCatalogues.Served, TestPolicies.Create());
        var contributions = new double[TestCatalogues.Served.Features.Count];
        foreach (var row in _rows)
        {
            _ensemble.Explain(row, contributions);
            var codes = Codes(selector, contributions);
            Assert.That(codes, Has.Count.LessThanOrEqualTo(4).And.Unique);
            Assert.That(codes, Is.SubsetOf(TestCatalogues.Served.Reasons.Keys));
            _ensemble.Explain(row, contributions);
            Assert.That(Codes(selector, contributions), Is.EqualTo(codes));
        }
    }

    private static List<string> Codes(ReasonSelector selector, double[] contributions)
    {
        var reasons = new Reason[ReasonSelector.MaxReasons];
        var count = selector.Select(new PolicyOutcome(Decision.Review, 0, ListHit.None), contributions, reasons);
        return [.. reasons.Take(count).Select(reason => reason.Code)];
    }
}
