using System.Globalization;

namespace FraudScoring.Inference.Rollout;

/// <summary>The loaded models. Immutable: another set replaces it as a whole, so a reader never sees half of a change.</summary>
public sealed class LoadedModels
{
    /// <summary>No models.</summary>
    public static readonly LoadedModels Empty = new(null, []);

    private readonly Dictionary<string, ModelSnapshot[]> _byName;

    /// <param name="champion">The model that decides; null for none.</param>
    /// <param name="models">The other models, or all of them.</param>
    public LoadedModels(ModelSnapshot? champion, IEnumerable<ModelSnapshot> models)
    {
        Champion = champion;
        All = [.. (champion is null ? [] : new[] { champion }).Concat(models).Distinct()];
        _byName = All.GroupBy(model => model.Served.Id.Name).ToDictionary(group => group.Key,
            group => group.OrderByDescending(model => model == champion)
                .ThenByDescending(model => model.Served.Id.Version, Versions).ToArray());
    }

    /// <summary>Compares versions. Whole numbers compare by value and are higher than all other texts.</summary>
    public static IComparer<string> Versions { get; } = Comparer<string>.Create((a, b) =>
    {
        var (isA, isB) = (long.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var numberA),
            long.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var numberB));
        return isA && isB ? numberA.CompareTo(numberB) : isA != isB ? isA.CompareTo(isB) : string.CompareOrdinal(a, b);
    });

    /// <summary>The model that decides.</summary>
    public ModelSnapshot? Champion { get; }

    /// <summary>All models, the champion first.</summary>
    public IReadOnlyList<ModelSnapshot> All { get; }

    /// <summary>The versions of a name, the default first: the champion if it has this name, then from the highest version down.</summary>
    public IReadOnlyList<ModelSnapshot> VersionsOf(string name) => _byName.GetValueOrDefault(name, []);

    /// <summary>Finds a model by name and version.</summary>
    /// <param name="name">The name; empty for the champion.</param>
    /// <param name="version">The version; empty for the champion's, otherwise the highest.</param>
    public ModelSnapshot? Find(string name, string version)
    {
        if (name.Length == 0)
        {
            return Champion is { } champion && (version.Length == 0 || version == champion.Served.Id.Version) ? champion : null;
        }
        if (_byName.TryGetValue(name, out var versions))
        {
            foreach (var model in versions)
            {
                if (version.Length == 0 || model.Served.Id.Version == version)
                {
                    return model;
                }
            }
        }
        return null;
    }
}
