using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Server.Deployments;

/// <summary>All models that are served: those of the registry in service, and user models. A name is the registry's first.</summary>
internal sealed class ServedModels(DeploymentHost deployments) : IDisposable
{
    /// <summary>The user models.</summary>
    public ModelRouter UserModels { get; } = new();

    /// <summary>A model that decides is in force.</summary>
    public bool HasChampion => deployments.Current.Router.Loaded.Champion is not null;

    /// <summary>All models, the champion first.</summary>
    public IEnumerable<IServedModel> All =>
        deployments.Current.Router.Loaded.All.Concat(UserModels.Loaded.All.Where(model => !IsOfRegistry(model.Served.Id.Name))).Select(model => model.Served);

    /// <summary>Versions of a name: the one that is meant when none is given first, then the highest.</summary>
    public IEnumerable<string> VersionsOf(string name) => RouterOf(name).Loaded.VersionsOf(name).Select(model => model.Served.Id.Version);

    /// <summary>Leases a model; null when there is none of that name and version.</summary>
    public ModelSnapshot? Lease(string name, string version) => RouterOf(name).Route(name, version);

    public void Dispose() => UserModels.Dispose();

    private ModelRouter RouterOf(string name) => IsOfRegistry(name) ? deployments.Current.Router : UserModels;

    private bool IsOfRegistry(string name) => deployments.Current.Router.Loaded.VersionsOf(name).Count > 0;
}
