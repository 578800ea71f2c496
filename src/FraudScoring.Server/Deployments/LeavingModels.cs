using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Takes the series of models out of the metrics that are no longer served. Runs that are still in flight, and a device that fails just then,
/// may bring a series back: so it is done at every look until the model is gone.
/// </summary>
internal sealed class LeavingModels
{
    private readonly List<ModelSnapshot> _leaving = [];
    private HashSet<ModelSnapshot> _served = [];

    /// <summary>Tells which models are served now.</summary>
    public void Look(IEnumerable<ModelSnapshot> served)
    {
        var now = served.ToHashSet();
        _leaving.AddRange(_served.Except(now));
        _served = now;
        var gone = _leaving.Where(model => model.IsGone).ToList();
        var ids = now.Select(model => model.Served.Id).ToHashSet();
        foreach (var id in _leaving.Select(model => model.Served.Id).Where(id => !ids.Contains(id)).Distinct())
        {
            ModelMetrics.Remove(id);
        }
        _leaving.RemoveAll(gone.Contains);
    }
}
