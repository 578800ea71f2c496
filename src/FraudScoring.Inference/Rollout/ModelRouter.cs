namespace FraudScoring.Inference.Rollout;

/// <summary>Hands out leases of the loaded models, and replaces them while they serve.</summary>
/// <remarks>
/// Requests read one reference, without a lock, and see either the old set or the new one. The replacement is a single assignment: with one
/// per model, a request could find the new champion next to models of the old registry. A run in flight keeps its model alive by its lease;
/// a model that was replaced is disposed of when its last lease is returned. A lock around runs would be simpler, but a swap would then
/// have to wait for the slowest run, and every request behind the swap.
/// </remarks>
public sealed class ModelRouter : IDisposable
{
    private readonly Lock _writing = new();
    private LoadedModels _loaded = LoadedModels.Empty;
    private bool _isDisposed;

    /// <summary>The loaded models, for inspection. To run a model, lease it with <see cref="Route(string, string)"/>.</summary>
    public LoadedModels Loaded => Volatile.Read(ref _loaded);

    /// <summary>Leases the champion; null when there is none. Return the lease with <see cref="ModelSnapshot.Return"/>.</summary>
    public ModelSnapshot? Route() => Route("", "");

    /// <summary>Leases a model by name and version; null when there is none.</summary>
    /// <param name="name">The name; empty for the champion.</param>
    /// <param name="version">The version; empty for the champion's, otherwise the highest.</param>
    public ModelSnapshot? Route(string name, string version)
    {
        while (Loaded.Find(name, version) is { } model)
        {
            // No lease: the model was replaced and disposed of since it was read. The next read finds the new set.
            if (model.TryLease())
            {
                return model;
            }
        }
        return null;
    }

    /// <summary>Replaces all models, and releases those that are not in the new set.</summary>
    public void Replace(LoadedModels models)
    {
        ArgumentNullException.ThrowIfNull(models);
        lock (_writing)
        {
            // Models that finish loading while the service stops are released immediately.
            var next = _isDisposed ? LoadedModels.Empty : models;
            var gone = Loaded.All.Concat(models.All).Distinct().Except(next.All).ToList();
            Volatile.Write(ref _loaded, next);
            gone.ForEach(model => model.Return());
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_writing)
        {
            Replace(LoadedModels.Empty);
            _isDisposed = true;
        }
    }
}
