using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.UserModels;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;

namespace FraudScoring.Tests.Inference.Rollout;

public sealed class ModelRouterTests
{
    private static readonly ModelBundle Bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!;

    [Test]
    public void Route_NoModel_IsNull()
    {
        using var router = new ModelRouter();
        Assert.That(router.Route(), Is.Null);
    }

    [Test]
    public void Replace_LeaseStillOut_KeepsTheOldModelUntilItReturns()
    {
        var (first, second) = (Snapshot(), Snapshot());
        using var router = new ModelRouter();
        router.Replace(new LoadedModels(first, []));
        var lease = router.Route();
        router.Replace(new LoadedModels(second, []));
        Assert.That(lease, Is.SameAs(first));
        Assert.That(Scores(first), Is.True, "a run in flight completes on the old model");
        Assert.That(first.Ensemble.IsDisposed, Is.False);
        first.Return();
        Assert.That(first.Ensemble.IsDisposed, Is.True);
        Assert.That(first.TryLease(), Is.False);
        var other = router.Route();
        Assert.That(other, Is.SameAs(second));
        other!.Return();
        Assert.That(second.Ensemble.IsDisposed, Is.False, "the set of loaded models holds a lease");
    }

    [Test]
    public void Dispose_LeasesReturned_DisposesTheModel()
    {
        var snapshot = Snapshot();
        var router = new ModelRouter();
        router.Replace(new LoadedModels(snapshot, []));
        router.Route()!.Return();
        router.Dispose();
        router.Dispose();
        Assert.That(snapshot.Ensemble.IsDisposed, Is.True);
        Assert.That(router.Route(), Is.Null);
    }

    [Test]
    public async Task Replace_UnderManyRoutes_NeverGivesADisposedModelAndLeavesNoneBehind()
    {
        var snapshots = Enumerable.Range(0, 30).Select(_ => Snapshot()).ToArray();
        var router = new ModelRouter();
        router.Replace(new LoadedModels(snapshots[0], []));
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
            router.Replace(new LoadedModels(snapshots[i], []));
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

    private static ModelSnapshot Snapshot() =>
        new(new BundleModel(Ensemble.Load(Bundle, TestCatalogues.Served.Features.Count, new())!));

    private static bool Scores(ModelSnapshot snapshot) =>
        snapshot.Ensemble.Run(new float[TestCatalogues.Served.Features.Count],
            new float[snapshot.Ensemble.Bundle.Manifest.Members.Count]).Probability is >= 0 and <= 1;
}
