using System.Text.RegularExpressions;

namespace FraudScoring.Tests;

/// <summary>Rules for readable sources, as far as a test can check them.</summary>
public sealed partial class SourceShapeTests
{
    private const int MostLinesOfAFile = 400, MostLinesOfAMethod = 70, MostCharactersOfALine = 140;

    /// <summary>Files that may catch all exceptions, with the reason.</summary>
    private static readonly Dictionary<string, string> CatchesEverything = new()
    {
        ["FraudScoring.Inference/Batching/GuardedDevice.cs"] = "whatever a device throws, the CPU serves the model",
        ["FraudScoring.Inference/Batching/LaneWorker.cs"] = "whatever a run throws, every request of its batch gets an answer",
    };

    private static readonly SourceFile[] Files = [.. Directory
        .EnumerateFiles(RepositoryFiles.Path("src"), "*.cs", SearchOption.AllDirectories)
        .Select(path => new SourceFile(Path.GetRelativePath(RepositoryFiles.Path("src"), path).Replace('\\', '/'), File.ReadAllLines(path)))
        .Where(file => !file.Path.Contains("/obj/", StringComparison.Ordinal) && !file.Path.Contains("/bin/", StringComparison.Ordinal))
        .OrderBy(file => file.Path, StringComparer.Ordinal)];

    [Test]
    public void Files_All_AreShort() =>
        AssertNone(Files.Where(f => f.Lines.Length > MostLinesOfAFile)
            .Select(f => $"{f.Path}: {f.Lines.Length} lines; at most {MostLinesOfAFile}"));

    [Test]
    public void Lines_All_AreNotWide() =>
        AssertNone(Files.SelectMany(f => f.Lines.Index().Where(line => line.Item.Length > MostCharactersOfALine)
            .Select(line => $"{f.Path}:{line.Index + 1}: {line.Item.Length} characters; at most {MostCharactersOfALine}")));

    [Test]
    public void Methods_All_FitAScreen() =>
        AssertNone(Files.SelectMany(f => BlocksOf(f).Where(b => b.Lines > MostLinesOfAMethod)
            .Select(b => $"{f.Path}:{b.Line}: {b.Lines} lines; at most {MostLinesOfAMethod}")));

    [Test]
    public void Methods_LongerThanAScreen_AreSeen()
    {
        string[] long71 = ["internal sealed class A", "{", "    void F()", "    {", .. Enumerable.Repeat("        G();", 69), "    }", "}"];
        string[] raw =
            ["internal sealed class A", "{", "    string s = \"\"\"", "    {", .. Enumerable.Repeat("x", 90), "    }", "    \"\"\";", "}"];
        Assert.That(BlocksOf(new SourceFile("A.cs", long71)).Select(b => (b.Line, b.Lines)), Is.EqualTo(new[] { (4, 71) }));
        Assert.That(BlocksOf(new SourceFile("A.cs", raw)), Is.Empty);
    }

    [Test]
    public void Files_All_AreNamedForATypeInThem() => AssertNone(Files
        .Where(f => !f.Path.EndsWith("/Program.cs", StringComparison.Ordinal) && !TypesOf(f)
            .Contains(Path.GetFileNameWithoutExtension(f.Path)))
        .Select(f => $"{f.Path}: holds {string.Join(", ", TypesOf(f))}"));

    [Test]
    public void Types_All_HaveNamesThatSayWhatTheyAre() => AssertNone(Files
        .SelectMany(f => TypesOf(f).Where(name => EmptyEnding().IsMatch(name)).Select(name => $"{f.Path}: {name}")));

    /// <summary>Type names must be unique. Only the parts of a partial type share a name.</summary>
    [Test]
    public void Types_All_HaveNamesOfTheirOwn() => AssertNone(NamedTwice(Files));

    [Test]
    public void Types_OfOneName_AreSeen()
    {
        string[] nested = ["namespace A;", "public class Outer", "{", "    private sealed record Twice(int X);", "}"];
        string[] called = ["namespace B;", "internal delegate bool Twice(int x);"];
        string[] part = ["namespace A;", "public partial class Outer", "{", "}"];
        string[] other = ["namespace C;", "public partial class Outer", "{", "}"];
        Assert.That(NamedTwice([new("A.cs", nested), new("B.cs", called)]), Is.EqualTo(new[] { "Twice: A.cs, B.cs" }));
        Assert.That(NamedTwice([new("A.cs", part), new("A.Part.cs", part)]), Is.Empty);
        Assert.That(NamedTwice([new("A.cs", part), new("C.cs", other)]), Is.EqualTo(new[] { "Outer: A.cs, C.cs" }));
        Assert.That(NamedTwice([new("A.cs", [.. nested, .. nested[3..]])]), Is.EqualTo(new[] { "Twice: A.cs, A.cs" }));
    }

    [Test]
    public void Sources_All_AreFinished() => AssertNone(Find(Unfinished(), file => true));

    [Test]
    public void Sources_All_CatchWhatTheyExpect()
    {
        AssertNone(Files.Where(file => !CatchesEverything.ContainsKey(file.Path)).SelectMany(file => file.Lines
            .Select((line, i) => (line, i))
            .Where(x => CatchAll().IsMatch(x.line) && !ThrowsAgain(file, x.i))
            .Select(x => $"{file.Path}:{x.i + 1}: catches everything; name what is expected, or filter it with when")));
        Assert.That(CatchesEverything.Keys,
            Is.SubsetOf(Files.Where(f => f.Lines.Any(line => CatchAll().IsMatch(line))).Select(f => f.Path)), "no longer needed");
    }

    [Test]
    public void Core_All_IsPure()
    {
        AssertNone(Find(Impure(), file => file.Path.StartsWith("FraudScoring.Core/", StringComparison.Ordinal)));
        var project = File.ReadAllText(RepositoryFiles.Path("src", "FraudScoring.Core", "FraudScoring.Core.csproj"));
        Assert.That(project, Does.Not.Contain("PackageReference").And.Not.Contain("ProjectReference"));
    }

    private static IEnumerable<string> Find(Regex pattern, Func<SourceFile, bool> where) => Files.Where(where).SelectMany(
        file => file.Lines.Select((line, i) => (line, i)).Where(x => pattern.IsMatch(x.line))
            .Select(x => $"{file.Path}:{x.i + 1}: {x.line.Trim()}"));

    /// <summary>Catching everything in order to clean up and rethrow is allowed.</summary>
    private static bool ThrowsAgain(SourceFile file, int line) => file.Lines.Skip(line + 1).TakeWhile(l => l.Trim() != "}")
        .Any(l => l.Trim() == "throw;");

    private static IEnumerable<string> TypesOf(SourceFile file) => file.Lines.Select(line => Declaration().Match(line))
        .Where(m => m.Success).Select(m => m.Groups["name"].Value);

    private static IEnumerable<string> NamedTwice(IEnumerable<SourceFile> files) => files
        .SelectMany(file => file.Lines.Select((line, i) =>
            (Name: NameIn(line), file.Path, Type: IsPart(line) ? $"part of {NamespaceOf(file)}" : $"{file.Path}:{i}")))
        .Where(found => found.Name.Length > 0)
        .GroupBy(found => found.Name, StringComparer.Ordinal)
        .Where(same => same.DistinctBy(found => found.Type).Skip(1).Any())
        .Select(same => $"{same.Key}: {string.Join(", ", same.Select(found => found.Path))}");

    private static string NameIn(string line)
    {
        var type = Declaration().Match(line);
        return (type.Success ? type : DelegateDeclaration().Match(line)).Groups["name"].Value;
    }

    private static bool IsPart(string line) => line.Contains(" partial ", StringComparison.Ordinal);

    private static string NamespaceOf(SourceFile file) => file.Lines.First(line => line.StartsWith("namespace ", StringComparison.Ordinal));

    /// <summary>
    /// Blocks in braces except type bodies: from a line with only an opening brace to the closing brace at the same indentation. Raw
    /// strings are skipped.
    /// </summary>
    private static IEnumerable<(int Line, int Lines)> BlocksOf(SourceFile file)
    {
        var open = new Stack<(int Indent, int Line, bool IsType)>();
        var inRaw = false;
        var isType = false;
        for (var i = 0; i < file.Lines.Length; i++)
        {
            var (line, wasRaw) = (file.Lines[i], inRaw);
            inRaw ^= (RawQuotes().Count(line) & 1) == 1;
            if (wasRaw || string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            var (text, indent) = (line.Trim(), line.Length - line.TrimStart().Length);
            if (text == "{")
            {
                open.Push((indent, i, isType));
                isType = false;
            }
            else if (text[0] == '}' && open.Count > 0 && open.Peek().Indent == indent)
            {
                var block = open.Pop();
                if (!block.IsType)
                {
                    yield return (block.Line + 1, i - block.Line + 1);
                }
            }
            else if (Declaration().IsMatch(line) || text.StartsWith("namespace ", StringComparison.Ordinal))
            {
                isType = !text.EndsWith(';');
            }
        }
    }

    private static void AssertNone(IEnumerable<string> found)
    {
        var all = found.ToList();
        Assert.That(all, Is.Empty, string.Join('\n', all));
    }

    [GeneratedRegex(@"^\s*(?:\[[^\]]*\]\s*)?"
        + @"(?:(?:public|internal|private|protected|sealed|static|abstract|partial|readonly|ref|unsafe|file|new)\s+)*"
        + @"(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|unsafe)\s+)*delegate\s+[^(]*?(?<name>[A-Z]\w*)(?:<[^(]*>)?\(")]
    private static partial Regex DelegateDeclaration();

    [GeneratedRegex("(?:Manager|Helpers?|Utils?|Utility|Processor|Handler|Data|Info|Base|Impl)$")]
    private static partial Regex EmptyEnding();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b(?!"")|NotImplementedException|#region|^\s*//(?!/).*;\s*$")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"catch\s*(?:\(\s*(?:System\.)?Exception\b(?!.*\bwhen\b)|$)")]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"\b(?:Task|ValueTask|File|Directory|FileStream|HttpClient|Socket|Thread|Stopwatch|Environment|Console)\b(?!["">])"
        + @"|\basync\b|\bawait\b|DateTime(?:Offset)?\.(?:Utc)?Now|\bSystem\.(?:IO|Net|Threading)\b|TimeProvider")]
    private static partial Regex Impure();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    private sealed record SourceFile(string Path, string[] Lines);
}
