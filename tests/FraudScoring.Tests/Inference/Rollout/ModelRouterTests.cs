using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;

namespace FraudScoring.Tests.Inference.Rollout;

public sealed class ModelRouterTests
{
    private static readonly ModelBundle Bundle = ModelBundle.Read(BundleFolder.Committed, TestCatalogues.Served, out _)!;

    [Test]
    public void Route_NoModel_IsNull()
    {
        using var router = new ModelRouter();
        Assert.That(router.Route(), Is.Null);
    }

    [Test]
    public void Promote_LeaseStillOut_KeepsTheOldModelUntilItReturns()
    {
        var (first, second) = (Snapshot(), Snapshot());
        using var router = new ModelRouter();
        router.Promote(first);
        var lease = router.Route();
        router.Promote(second);
        Assert.That(lease, Is.SameAs(first));
        Assert.That(Scores(first), Is.True, "a run in flight ends on the old model");
        Assert.That(first.Ensemble.IsDisposed, Is.False);
        first.Return();
        Assert.That(first.Ensemble.IsDisposed, Is.True);
        Assert.That(first.TryLease(), Is.False);
        var other = router.Route();
        Assert.That(other, Is.SameAs(second));
        other!.Return();
        Assert.That(second.Ensemble.IsDisposed, Is.False, "the slot itself holds a lease");
    }

    [Test]
    public void Dispose_LeasesReturned_DisposesTheModel()
    {
        var snapshot = Snapshot();
        var router = new ModelRouter();
        router.Promote(snapshot);
        router.Route()!.Return();
        router.Dispose();
        router.Dispose();
        Assert.That(snapshot.Ensemble.IsDisposed, Is.True);
        Assert.That(router.Route(), Is.Null);
    }

    [Test]
    public async Task Promote_UnderManyRoutes_NeverGivesADisposedModelAndLeavesNoneBehind()
    {
        var snapshots = Enumerable.Range(0, 30).Select(_ => Snapshot()).ToArray();
        var router = new ModelRouter();
        router.Promote(snapshots[0]);
        using var end = new CancellationTokenSource();
        var (runs, failures) = (0, 0);
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                var lease = router.Route()!;
                Interlocked.Add(ref failures, lease.Ensemble.IsDisposed || !Scores(lease) || lease.Ensemble.IsDisposed ? 1 : 0);
                lease.Return();
                Interlocked.Increment(ref runs);
            }
        })).ToArray();
        for (var i = 1; i < snapshots.Length; i++)
        {
            var target = Volatile.Read(ref runs) + 40;
            while (Volatile.Read(ref runs) < target)
            {
                await Task.Yield();
            }
            router.Promote(snapshots[i]);
        }
        await end.CancelAsync();
        await Task.WhenAll(workers);
        Assert.That(failures, Is.Zero);
        Assert.That(snapshots[..^1].Select(s => s.Ensemble.IsDisposed), Is.All.True);
        Assert.That(snapshots[^1].Ensemble.IsDisposed, Is.False);
        router.Dispose();
        Assert.That(snapshots[^1].Ensemble.IsDisposed, Is.True);
    }

    [Test]
    public void Return_OnceTooOften_IsSeen()
    {
        var snapshot = Snapshot();
        snapshot.Return();
        Assert.That(snapshot.Return, Throws.InvalidOperationException);
    }

    [TestCase("", "cannot be read")]
    [TestCase("{}", "must name a champion")]
    [TestCase("""{"champion": {"model": "", "version": "1"}}""", "must name a champion")]
    [TestCase("""{"champion": {"model": "payments", "version": "9"}}""", "does not exist")]
    [TestCase("""{"champion": {"model": "payments"}}""", "must name a champion")]
    [TestCase("""{"champion": {"model": "payments", "version": "1"}, "challengers": 1}""", "cannot be read")]
    public void LoadChampion_BadRegistry_SaysSo(string json, string expected)
    {
        using var bundle = new BundleFolder();
        File.WriteAllText(Path.Combine(bundle.Models, ModelRegistry.FileName), json);
        Assert.That(ModelRegistry.LoadChampion(bundle.Models, TestCatalogues.Served, SealRequirements.None, out var faults), Is.Null);
        Assert.That(faults.Single().Message, Does.Contain(expected));
    }

    [Test]
    public void LoadChampion_NoRegistry_SaysSo()
    {
        using var bundle = new BundleFolder();
        Assert.That(ModelRegistry.LoadChampion(bundle.Models, TestCatalogues.Served, SealRequirements.None, out var faults), Is.Null);
        Assert.That(faults.Single().Field, Does.EndWith(ModelRegistry.FileName));
    }

    [Test]
    public void LoadChampion_CommittedModels_Scores()
    {
        var snapshot = ModelRegistry.LoadChampion(RepositoryFiles.Path("models"), TestCatalogues.Served, SealRequirements.None, out var faults);
        Assert.That(faults, Is.Empty);
        Assert.That(Scores(snapshot!), Is.True);
        snapshot!.Return();
    }

    private static ModelSnapshot Snapshot() => new(Ensemble.Load(Bundle, TestCatalogues.Served.Features.Count, out _)!);

    private static bool Scores(ModelSnapshot snapshot) =>
        snapshot.Ensemble.Run(new float[TestCatalogues.Served.Features.Count], new float[snapshot.Ensemble.Bundle.Manifest.Members.Count]).Probability is >= 0 and <= 1;
}
