using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Server.Deployments;

/// <summary>All served models: those of the active registry and the user models. The registry wins when both use a name.</summary>
internal sealed class ServedModels(DeploymentHost deployments) : IDisposable
{
    public ModelRouter UserModels { get; } = new();

    public bool HasChampion => deployments.Current.Router.Loaded.Champion is not null;

    /// <summary>All models, the champion first.</summary>
    public IEnumerable<IServedModel> All =>
        deployments.Current.Router.Loaded.All.Concat(UserModels.Loaded.All.Where(model => !IsOfRegistry(model.Served.Id.Name)))
            .Select(model => model.Served);

    /// <summary>Versions of a name, the default one first, then from the highest.</summary>
    public IEnumerable<string> VersionsOf(string name) => RouterOf(name).Loaded.VersionsOf(name).Select(model => model.Served.Id.Version);

    /// <summary>Leases a model; null if none of this name and version is loaded. The lease must be returned.</summary>
    public ModelSnapshot? Lease(string name, string version) => RouterOf(name).Route(name, version);

    public void Dispose() => UserModels.Dispose();

    private ModelRouter RouterOf(string name) => IsOfRegistry(name) ? deployments.Current.Router : UserModels;

    private bool IsOfRegistry(string name) => deployments.Current.Router.Loaded.VersionsOf(name).Count > 0;
}
