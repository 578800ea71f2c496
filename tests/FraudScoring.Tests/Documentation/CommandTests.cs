using System.CommandLine;
using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Demo;
using FraudScoring.LoadTest;
using FraudScoring.Server.Api.Json;
using FraudScoring.Server.Commands;
using FraudScoring.Training.Commands;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Spectre.Console;

namespace FraudScoring.Tests.Documentation;

/// <summary>
/// The commands in the documents, parsed by the same parsers as in the programs. A command without a check here fails the test.
/// </summary>
public sealed class CommandTests
{
    private static readonly IAnsiConsole Silent = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });

    private static readonly Dictionary<string, Func<RootCommand>> Programs = new()
    {
        ["src/FraudScoring.Training"] = () => TrainerCommand.Create(Silent, TimeProvider.System),
        ["src/FraudScoring.Server"] = ServerCommand.Create,
        ["src/FraudScoring.Demo"] = () => DemoCommand.Create(Silent, TimeProvider.System),
        ["benchmarks/FraudScoring.LoadTest"] = LoadTestCommand.Create,
    };

    private static readonly FileDescriptor[] Contracts =
        [V1.ScoringReflection.Descriptor, V1.FeaturesReflection.Descriptor, Oip.InferenceReflection.Descriptor];

    private static readonly Dictionary<string, MessageDescriptor?> HttpPaths = new()
    {
        ["/v1/score"] = V1.ScoreRequest.Descriptor, ["/v1/features:show"] = V1.ShowFeaturesRequest.Descriptor,
        ["/v1/entities:erase"] = V1.EraseEntitiesRequest.Descriptor, ["/metrics"] = null, ["/health/ready"] = null, ["/health/live"] = null,
        ["/openapi.json"] = null,
    };

    private static readonly string[] DotnetVerbs = ["test", "build", "format", "tool", "restore", "list", "nuget"];

    private static IEnumerable<TestCaseData> Commands() =>
        from document in Document.All
        from command in document.Commands
        select new TestCaseData(command).SetArgDisplayNames(document.Path, command);

    [TestCaseSource(nameof(Commands))]
    public void Command_Parses(string command)
    {
        var words = Split(command);
        while (words[0].Contains('=', StringComparison.Ordinal))
        {
            words = words[1..];
        }
        switch (words[0])
        {
            case "dotnet" when words.Contains("protos/samples/csharp"): CheckPaths(words); break;
            case "dotnet" when words[1] == "run": CheckRun(words); break;
            case "dotnet": Assert.That(DotnetVerbs, Does.Contain(words[1])); CheckPaths(words); break;
            case "curl": CheckCurl(words); break;
            case "grpcurl": CheckGrpcurl(words); break;
            case "helm": CheckHelm(words); break;
            case "docker" or "cp" or "export" or "git" or "node" or "npm": CheckPaths(words); break;
            case "echo": CheckRecord(words[1]); break;
            case "mkdir" or "head" or "kubectl" or "kafka-console-producer.sh" or "python" or "apt-get" or "promtool" or "cd": break;
            default: CheckPath(words[0]); break;
        }
    }

    [Test]
    public void Commands_AreFound() => Assert.That(Commands().Count(), Is.GreaterThan(25));

    private static void CheckRun(string[] words)
    {
        var end = Array.IndexOf(words, "--");
        var own = end < 0 ? words : words[..end];
        var project = own[Array.IndexOf(own, "--project") + 1];
        var arguments = end < 0 ? [] : words[(end + 1)..];
        CheckPath(project);
        if (project == "benchmarks/FraudScoring.Benchmarks")
        {
            Assert.That(arguments[0], Is.AnyOf("--check", "--filter"));
            return;
        }
        var parsed = Programs[project]().Parse(arguments);
        Assert.That(parsed.Errors.Select(error => error.Message), Is.Empty);
        var known = FrozenContracts.OptionDefaults().Select(option => option.Name).ToHashSet();
        Assert.That(arguments.Where(word => word.StartsWith("--", StringComparison.Ordinal) && word.Contains(':', StringComparison.Ordinal))
            .Select(word => word[2..].Split('=')[0]).Where(name => !known.Contains(name)), Is.Empty);
    }

    private static void CheckCurl(string[] words)
    {
        var address = new Uri(words.Single(word => word.StartsWith("http://", StringComparison.Ordinal)));
        Assert.That(HttpPaths.Keys, Does.Contain(address.AbsolutePath));
        if (Array.IndexOf(words, "-d") is > 0 and var data)
        {
            CheckRequest(HttpPaths[address.AbsolutePath]!, words[data + 1]);
        }
    }

    private static void CheckRequest(MessageDescriptor message, string json)
    {
        var faults = new Faults();
        JsonMessage.Read(Encoding.UTF8.GetBytes(WithTime(json)), message.Parser.ParseFrom([]), ignoresUnknown: false, faults);
        Assert.That(faults, Is.Empty);
    }

    private static void CheckGrpcurl(string[] words)
    {
        var method = words[^1].Split('/');
        var service = Contracts.SelectMany(file => file.Services).SingleOrDefault(service => service.FullName == method[0]);
        Assert.That(service?.FindMethodByName(method[1]), Is.Not.Null, words[^1]);
        CheckJson(service!.FindMethodByName(method[1]).InputType, words[Array.IndexOf(words, "-d") + 1]);
    }

    private static void CheckJson(MessageDescriptor message, string json) =>
        Assert.That(() => JsonParser.Default.Parse(WithTime(json), message), Throws.Nothing);

    private static string WithTime(string json) =>
        json.Replace("$(date -u +%FT%TZ)", "2026-01-01T00:00:00Z", StringComparison.Ordinal);

    /// <summary>A record for the console producer: its key, and a label.</summary>
    private static void CheckRecord(string record) => CheckJson(V1.LabelEvent.Descriptor, record[(record.IndexOf('|') + 1)..]);

    private static void CheckHelm(string[] words)
    {
        CheckPath(words.Single(word => word.StartsWith("helm/", StringComparison.Ordinal)));
        var values = File.ReadAllText(RepositoryFiles.Path("helm", "fraud-scoring", "values.yaml"));
        foreach (var set in words.Where((_, i) => i > 0 && words[i - 1] == "--set"))
        {
            var name = set.Split('=')[0].Split('.')[^1];
            Assert.That(values, Does.Match($@"(?m)^ *{name}:"), set);
        }
    }

    /// <summary>Arguments that name a file or folder of the repository must exist.</summary>
    private static void CheckPaths(string[] words)
    {
        foreach (var word in words.Where(word => word.StartsWith("src/", StringComparison.Ordinal)
            || word.StartsWith("tests/", StringComparison.Ordinal) || word.StartsWith("protos/", StringComparison.Ordinal)
            || word.StartsWith("benchmarks/", StringComparison.Ordinal) || word.StartsWith(".devcontainer/", StringComparison.Ordinal)))
        {
            CheckPath(word);
        }
    }

    private static void CheckPath(string path) =>
        Assert.That(Path.Exists(RepositoryFiles.Path(path)), Is.True, $"{path} is neither a known command nor a path of the repository");

    /// <summary>Splits a line into words like a shell, with the syntax that the documents use: spaces, and quotes of both kinds.</summary>
    private static string[] Split(string command)
    {
        var (words, word, quote, isOpen) = (new List<string>(), new StringBuilder(), '\0', false);
        foreach (var letter in command)
        {
            if (quote != '\0' ? letter == quote : letter is '\'' or '"' && !InSubstitution(word))
            {
                (quote, isOpen) = (quote == '\0' ? letter : '\0', true);
            }
            else if (letter == ' ' && quote == '\0' && !InSubstitution(word))
            {
                Close();
            }
            else
            {
                word.Append(letter);
            }
        }
        Close();
        return [.. words];

        void Close()
        {
            if (word.Length > 0 || isOpen)
            {
                words.Add(word.ToString());
            }
            word.Clear();
            isOpen = false;
        }
    }

    private static bool InSubstitution(StringBuilder word)
    {
        var text = word.ToString();
        return text.LastIndexOf("$(", StringComparison.Ordinal) is >= 0 and var open && text.IndexOf(')', open) < 0;
    }
}
