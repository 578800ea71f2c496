using System.Reflection;
using FraudScoring.Tests.Architecture.Planted.First;
using FraudScoring.Tests.Architecture.Planted.Second;

namespace FraudScoring.Tests.Architecture;

/// <summary>Dependencies between projects and between folders point in one direction, and namespaces match folders.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Projects =
    [
        "FraudScoring.Core", "FraudScoring.Inference", "FraudScoring.Simulation", "FraudScoring.Server", "FraudScoring.Training",
        "FraudScoring.Demo",
    ];

    /// <summary>The server's folders by layer, top first. A folder may use lower layers only, not its own.</summary>
    private static readonly string[][] ServerLayers =
    [
        ["Commands"], ["Hosting"], ["Api"], ["Deployments"], ["Scoring", "Streams"], ["Kafka", "Features"],
        ["Admission", "Embedded", "Spool"],
        ["Monitoring", "Resilience"],
    ];

    [Test]
    public void Projects_OfTheSources_AreAllChecked() => Assert.That(
        Directory.GetDirectories(RepositoryFiles.Path("src")).Select(Path.GetFileName), Is.EquivalentTo(Projects));

    [TestCaseSource(nameof(Projects))]
    public void Folders_OfAProject_HaveNoCycles(string project) => AssertNoCycles(Graph(project, type => type.Namespace ?? ""));

    [TestCaseSource(nameof(Projects))]
    public void TopFolders_OfAProject_HaveNoCycles(string project) => AssertNoCycles(Graph(project, TopFolderOf));

    [TestCase("Core", "Payments", "Catalogue", "Profiles", "Features")]
    [TestCase("Core", "Statistics", "Decisions")]
    [TestCase("Inference", "Contracts", "Devices", "Batching", "Ensembles")]
    [TestCase("Inference", "Contracts", "Attribution")]
    [TestCase("Training", "Datasets", "Learners", "Export", "Evaluation", "Runs", "Commands")]
    public void Folders_OfAProject_UseOnlyThoseBelow(string project, params string[] upwards)
    {
        var graph = Graph($"FraudScoring.{project}", TopFolderOf);
        Assert.That(graph.Folders, Is.SupersetOf(upwards));
        var wrong = from lower in Enumerable.Range(0, upwards.Length)
                    from upper in Enumerable.Range(lower + 1, upwards.Length - lower - 1)
                    where graph.Uses(upwards[lower], upwards[upper])
                    select graph.Describe(upwards[lower], upwards[upper]);
        AssertNone(wrong);
    }

    [Test]
    public void Profiles_DoNotKnowTheirCodec()
    {
        var graph = Graph("FraudScoring.Core", type => type.Namespace!);
        Assert.That(graph.Uses("FraudScoring.Core.Profiles", "FraudScoring.Core.Profiles.Codec"), Is.False);
        Assert.That(graph.Uses("FraudScoring.Core.Profiles.Codec", "FraudScoring.Core.Profiles"), Is.True);
    }

    [Test]
    public void ServerFolders_UseOnlyLayersBelow()
    {
        var graph = Graph("FraudScoring.Server", TopFolderOf);
        var layers = ServerLayers.SelectMany((folders, layer) => folders.Select(folder => (folder, layer))).ToDictionary();
        var wrong = from user in layers
                    from used in layers
                    where user.Key != used.Key && used.Value <= user.Value && graph.Uses(user.Key, used.Key)
                    select graph.Describe(user.Key, used.Key);
        AssertNone(wrong);
    }

    /// <summary>Generated code has its own namespaces, and Program has none.</summary>
    [Test]
    public void ServerFolders_HaveALayer()
    {
        var own = Assembly.Load("FraudScoring.Server").GetTypes()
            .Where(type => type.Namespace?.StartsWith("FraudScoring.Server", StringComparison.Ordinal) == true);
        Assert.That(own.Select(TopFolderOf).Distinct(), Is.EquivalentTo(ServerLayers.SelectMany(layer => layer)));
    }

    [Test]
    public void Core_References_NoPackage() => Assert.That(References("FraudScoring.Core"), Is.Empty);

    [Test]
    public void Simulation_References_OnlyCore() =>
        Assert.That(References("FraudScoring.Simulation"), Is.EqualTo(new[] { "FraudScoring.Core" }));

    /// <summary>The core is deterministic: the same payments give the same values at any time and on any thread.</summary>
    [Test]
    public void Core_UsesNeitherTasksNorThreadsNorClocks()
    {
        string[] types =
        [
            "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.PeriodicTimer",
            "System.TimeProvider",
            "System.Diagnostics.Stopwatch", "System.Console", "System.IO.File", "System.IO.Directory", "System.IO.FileStream",
        ];
        string[] members =
        [
            "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now",
            "System.DateTimeOffset.get_UtcNow", "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
        ];
        var wrong = from use in CompiledTypes.Uses(Assembly.Load("FraudScoring.Core").GetTypes())
                    let type = use.Target as Type ?? use.Target.DeclaringType
                    where type is not null && (type.Namespace == "System.Threading.Tasks" || types.Contains(type.FullName)
                        || members.Contains($"{type.FullName}.{use.Target.Name}"))
                    select $"{use.From.Name} uses {type.FullName}.{use.Target.Name}";
        AssertNone(wrong);
    }

    [Test]
    public void Cycles_PlantedOne_IsFoundWithItsFoldersAndTypes()
    {
        var graph = new FolderGraph([typeof(Egg), typeof(Hen), .. typeof(Egg).GetNestedTypes(BindingFlags.NonPublic),
            .. typeof(Hen).GetNestedTypes(BindingFlags.NonPublic)], type => type.Namespace!);
        var cycle = graph.Cycles().Single();
        Assert.That(cycle, Does.StartWith($"{typeof(Egg).Namespace} -> {typeof(Hen).Namespace} -> {typeof(Egg).Namespace}\n"));
        Assert.That(cycle, Does.Contain("Egg uses Hen").And.Contains("Hen uses Egg"));
    }

    /// <summary>Uses are also found in lambdas and in the state machines of async methods.</summary>
    [TestCase(typeof(Egg), typeof(Hen))]
    [TestCase(typeof(Hen), typeof(Egg))]
    public void Uses_InsideMethodBodies_AreSeen(Type from, Type to)
    {
        Assert.That(from.GetMethods().SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType),
            Has.None.EqualTo(to));
        Assert.That(CompiledTypes.Uses([from, .. from.GetNestedTypes(BindingFlags.NonPublic)]),
            Has.Some.EqualTo(new CompiledUse(from, to)));
    }

    private static FolderGraph Graph(string project, Func<Type, string> folderOf) =>
        new(Assembly.Load(project).GetTypes(), folderOf);

    /// <summary>"Profiles" for FraudScoring.Core.Profiles.Codec.</summary>
    private static string TopFolderOf(Type type)
    {
        var project = type.Assembly.GetName().Name + ".";
        var name = type.Namespace ?? "";
        return name.StartsWith(project, StringComparison.Ordinal) ? name[project.Length..].Split('.')[0] : name;
    }

    private static void AssertNoCycles(FolderGraph graph)
    {
        Assert.That(graph.Types, Is.GreaterThan(5), "the project has types to check");
        AssertNone(graph.Cycles());
    }

    private static void AssertNone(IEnumerable<string> wrong)
    {
        var text = string.Join("\n", wrong);
        if (text.Length > 0)
        {
            Assert.Fail(text);
        }
    }

    private static IEnumerable<string> References(string project) =>
        Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name!)
        .Where(name => !name.StartsWith("System", StringComparison.Ordinal) && name != "Microsoft.Win32.Primitives");
}
