using System.Globalization;

namespace FraudScoring.Inference.Rollout;

/// <summary>The models that are loaded, as one immutable whole: it is replaced, never changed.</summary>
public sealed class LoadedModels
{
    /// <summary>No model.</summary>
    public static readonly LoadedModels Empty = new(null, []);

    private readonly Dictionary<string, ModelSnapshot[]> _byName;

    /// <param name="champion">The model that decides; it is among the models, too.</param>
    /// <param name="models">The others, or all of them.</param>
    public LoadedModels(ModelSnapshot? champion, IEnumerable<ModelSnapshot> models)
    {
        Champion = champion;
        All = [.. (champion is null ? [] : new[] { champion }).Concat(models).Distinct()];
        _byName = All.GroupBy(model => model.Served.Id.Name).ToDictionary(group => group.Key,
            group => group.OrderByDescending(model => model == champion).ThenByDescending(model => model.Served.Id.Version, Versions).ToArray());
    }

    /// <summary>Higher versions are greater: whole numbers by their value, and above all other texts.</summary>
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

    /// <summary>The versions of a name: the one that is meant when none is given first, then the highest.</summary>
    public IReadOnlyList<ModelSnapshot> VersionsOf(string name) => _byName.GetValueOrDefault(name, []);

    /// <summary>A model by its name and version.</summary>
    /// <param name="name">The name; empty for the champion.</param>
    /// <param name="version">The version; empty for the champion's, or else the highest.</param>
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
