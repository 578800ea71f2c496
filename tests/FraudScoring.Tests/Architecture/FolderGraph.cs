using System.Text;

namespace FraudScoring.Tests.Architecture;

/// <summary>The dependencies between folders, with the types that cause them.</summary>
internal sealed class FolderGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, SortedSet<string>>> _uses = new(StringComparer.Ordinal);

    /// <param name="types">The types whose uses of each other are counted.</param>
    /// <param name="folderOf">Returns a type's folder, derived from its namespace.</param>
    public FolderGraph(IEnumerable<Type> types, Func<Type, string> folderOf)
    {
        // Compiler-generated types, such as anonymous types, belong to no folder.
        var own = types.Where(type => !CompiledTypes.Outermost(type).Name.StartsWith('<')).ToHashSet();
        Types = own.Count;
        foreach (var type in own)
        {
            _uses.TryAdd(folderOf(type), new(StringComparer.Ordinal));
        }
        foreach (var use in CompiledTypes.Uses(own))
        {
            if (use.Target is Type target && own.Contains(target))
            {
                Add(folderOf(use.From), folderOf(target), $"{use.From.Name} uses {CompiledTypes.Outermost(target).Name}");
            }
        }
    }

    /// <summary>Number of types in the graph.</summary>
    public int Types { get; }

    public IReadOnlyCollection<string> Folders => _uses.Keys;

    /// <summary>Number of folder pairs in which one uses the other.</summary>
    public int Arrows => _uses.Values.Sum(targets => targets.Count);

    /// <summary>Whether one folder uses another.</summary>
    public bool Uses(string from, string to) => _uses.TryGetValue(from, out var targets) && targets.ContainsKey(to);

    /// <summary>Describes a dependency by the types that cause it.</summary>
    public string Describe(string from, string to)
    {
        var text = new StringBuilder($"{from} -> {to}:");
        foreach (var use in _uses[from][to].Take(12))
        {
            text.Append($"\n    {use}");
        }
        return _uses[from][to].Count > 12 ? $"{text}\n    and {_uses[from][to].Count - 12} more" : text.ToString();
    }

    /// <summary>For each folder on a cycle, a shortest cycle through it. Each cycle is listed once, with the types on the way.</summary>
    public IReadOnlyList<string> Cycles()
    {
        var cycles = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var cycle in Folders.Select(ShortestCycle).OfType<IReadOnlyList<string>>())
        {
            var key = string.Join(' ', cycle.Order(StringComparer.Ordinal));
            var arrows = cycle.Zip(cycle.Skip(1).Append(cycle[0]), Describe);
            cycles.TryAdd(key, $"{string.Join(" -> ", cycle.Append(cycle[0]))}\n  {string.Join("\n  ", arrows)}");
        }
        return [.. cycles.Values];
    }

    private void Add(string from, string to, string use)
    {
        if (from == to)
        {
            return;
        }
        if (!_uses[from].TryGetValue(to, out var uses))
        {
            _uses[from].Add(to, uses = new(StringComparer.Ordinal));
        }
        uses.Add(use);
    }

    /// <summary>Breadth-first search from a folder back to itself.</summary>
    private List<string>? ShortestCycle(string start)
    {
        var before = new Dictionary<string, string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var folder))
        {
            foreach (var next in _uses[folder].Keys)
            {
                if (next == start)
                {
                    return PathTo(folder, before);
                }
                if (before.TryAdd(next, folder))
                {
                    open.Enqueue(next);
                }
            }
        }
        return null;
    }

    private static List<string> PathTo(string folder, Dictionary<string, string> before)
    {
        var path = new List<string> { folder };
        while (before.TryGetValue(path[0], out var previous))
        {
            path.Insert(0, previous);
        }
        return path;
    }
}
