namespace FraudScoring.Inference.Rollout;

/// <summary>Says which model scores. Replacing models is one assignment; runs in flight end on the old ones.</summary>
public sealed class ModelRouter : IDisposable
{
    private readonly Lock _writing = new();
    private LoadedModels _loaded = LoadedModels.Empty;
    private bool _isDisposed;

    /// <summary>What is loaded. Its models are only to be looked at: what is run is leased by <see cref="Route(string, string)"/>.</summary>
    public LoadedModels Loaded => Volatile.Read(ref _loaded);

    /// <summary>The model in force, leased: give it back with <see cref="ModelSnapshot.Return"/>. Null when there is none.</summary>
    public ModelSnapshot? Route() => Route("", "");

    /// <summary>A model by name and version, leased; null when there is none.</summary>
    /// <param name="name">The name; empty for the champion.</param>
    /// <param name="version">The version; empty for the champion's, or else the highest.</param>
    public ModelSnapshot? Route(string name, string version)
    {
        while (Loaded.Find(name, version) is { } model)
        {
            if (model.TryLease())
            {
                return model;
            }
        }
        return null;
    }

    /// <summary>Puts other models in the place of all, and lets go of those that are not among them.</summary>
    public void Replace(LoadedModels models)
    {
        ArgumentNullException.ThrowIfNull(models);
        lock (_writing)
        {
            // What was loaded while the service stopped is let go of at once.
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
