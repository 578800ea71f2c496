using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Removes the metric series of models that are no longer served. A run in flight, or a device that fails at that moment, may create a
/// series again, so the removal is repeated at every poll until the model is unloaded.
/// </summary>
internal sealed class LeavingModels
{
    private readonly List<ModelSnapshot> _leaving = [];
    private HashSet<ModelSnapshot> _served = [];

    /// <summary>Compares the served models with those of the last call.</summary>
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
