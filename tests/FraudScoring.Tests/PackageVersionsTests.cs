using System.Text.Json;
using System.Xml.Linq;

namespace FraudScoring.Tests;

/// <summary>Directory.Packages.props pins the version of every package that a restore resolves, including transitive packages.</summary>
public sealed class PackageVersionsTests
{
    // A restore resolves only one of the two flavours of ONNX Runtime, so the other is excluded here.
    private const string OtherFlavour = "Microsoft.ML.OnnxRuntime";

    private static readonly string[] Folders = ["src", "tests", "benchmarks"];

    private static readonly Dictionary<string, string> Pinned = XDocument.Load(RepositoryFiles.Path("Directory.Packages.props"))
        .Descendants("PackageVersion")
        .ToDictionary(pin => pin.Attribute("Include")!.Value, pin => pin.Attribute("Version")!.Value, StringComparer.OrdinalIgnoreCase);

    // A project that was never restored has no such file: "dotnet test" of one project restores only what it needs.
    private static readonly string[] AssetFiles = [.. Folders.SelectMany(folder => Directory.GetDirectories(RepositoryFiles.Path(folder)))
        .Select(project => Path.Combine(project, "obj", "project.assets.json")).Where(File.Exists)];

    [Test]
    public void Packages_ThatARestoreResolves_AreAllPinned()
    {
        var missing = AssetFiles.SelectMany(Resolved).Distinct()
            .Where(package => Pinned.GetValueOrDefault(package.Name) != package.Version)
            .Select(package => $"""    <PackageVersion Include="{package.Name}" Version="{package.Version}" />""")
            .Order(StringComparer.OrdinalIgnoreCase).ToList();
        Assert.That(AssetFiles, Is.Not.Empty);
        Assert.That(missing, Is.Empty, $"Directory.Packages.props lacks:\n{string.Join('\n', missing)}\n");
    }

    [Test]
    public void Pins_AreAllUsed()
    {
        if (AssetFiles.Length < Folders.Sum(folder => Directory.GetDirectories(RepositoryFiles.Path(folder)).Count(IsProject)))
        {
            Assert.Ignore("Some projects were not restored. Run dotnet restore at the root of the repository first.");
        }
        var used = AssetFiles.SelectMany(Resolved).Select(package => package.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.That(
            Pinned.Keys.Where(name => !used.Contains(name) && !name.StartsWith(OtherFlavour, StringComparison.Ordinal)),
            Is.Empty,
            "no project resolves these packages; remove their lines from Directory.Packages.props");
    }

    [Test]
    public void Pins_ThatCompleteTheRest_AreInOrder()
    {
        var names = XDocument.Load(RepositoryFiles.Path("Directory.Packages.props")).Descendants("ItemGroup")
            .Single(group => group.Attribute("Label")?.Value == "Transitive pins: all others")
            .Elements().Select(pin => pin.Attribute("Include")!.Value);
        Assert.That(names, Is.Ordered.Using((System.Collections.IComparer)StringComparer.OrdinalIgnoreCase));
    }

    private static bool IsProject(string folder) => Directory.GetFiles(folder, "*.csproj").Length > 0;

    private static IEnumerable<(string Name, string Version)> Resolved(string assets)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(assets));
        return
        [
            .. document.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == "package")
                .Select(library => library.Name.Split('/'))
                .Select(parts => (parts[0], parts[1])),
        ];
    }
}
