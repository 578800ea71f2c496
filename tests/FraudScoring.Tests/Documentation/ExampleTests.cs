using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.UserModels;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Importing;
using Google.Protobuf;

namespace FraudScoring.Tests.Documentation;

/// <summary>The JSON examples in the documents, read by the readers of the product. An example that no reader knows fails.</summary>
public sealed class ExampleTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    private static IEnumerable<TestCaseData> Examples() =>
        from document in Document.All
        from example in document.Blocks("json").Concat(
            document.Blocks("jsonl").SelectMany(lines => lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        select new TestCaseData(example).SetArgDisplayNames(document.Path, example.Trim()[..Math.Min(60, example.Trim().Length)]);

    [TestCaseSource(nameof(Examples))]
    public void Example_IsAccepted(string example)
    {
        var json = JsonNode.Parse(example)!.AsObject();
        var faults = new Faults();
        switch (json)
        {
            case var _ when json.ContainsKey("event_time") && json.ContainsKey("amount"):
                MappingReader.Parse(Encoding.UTF8.GetBytes(example), faults);
                break;
            case var _ when json.ContainsKey("rates"):
                RatesReader.Parse(Encoding.UTF8.GetBytes(example), TestCatalogues.Served.ReferenceCurrency, faults);
                break;
            case var _ when json.ContainsKey("champion"):
                ReadFile(ModelRegistry.FileName, example, path => ModelRegistry.Load(path, faults));
                break;
            case var _ when json.ContainsKey("max_rows"):
                ReadFile(ServingManifest.FileName, example, path => ServingManifest.Load(Path.GetDirectoryName(path)!, faults));
                break;
            case var _ when json.ContainsKey("then"):
                ReadPolicy(policy => policy["rules"] = new JsonArray(json.DeepClone()), faults);
                break;
            case var _ when json.ContainsKey("thresholds"):
                ReadPolicy(policy => policy["thresholds"] = json["thresholds"]!.DeepClone(), faults);
                break;
            case var _ when json.ContainsKey("label_time"):
                Assert.That(() => JsonParser.Default.Parse<V1.LabelEvent>(example), Throws.Nothing);
                break;
            case var _ when json.ContainsKey("details"):
                Assert.That(json["details"]![0]!["fieldViolations"]!.AsArray().Select(violation => violation!["field"]!.GetValue<string>()),
                    Is.Not.Empty);
                break;
            case var _ when json.ContainsKey("reason"):
                Assert.That(Declared(), Does.Contain(json.ToJsonString()), "models/features.json declares another feature of this name");
                break;
            default:
                Assert.Fail("No reader knows this example.");
                break;
        }
        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Examples_AreFound() => Assert.That(Examples().Count(), Is.GreaterThan(5));

    private static void ReadFile(string name, string text, Action<string> read)
    {
        var folder = Directory.CreateTempSubdirectory("example-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            File.WriteAllText(path, text);
            // The file that serving.json names.
            File.WriteAllText(Path.Combine(folder.FullName, "model.txt"), "");
            read(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void ReadPolicy(Action<JsonNode> change, Faults faults)
    {
        var policy = JsonNode.Parse(RepositoryFiles.Bytes("models", "policy.json"), documentOptions: WithComments)!;
        change(policy);
        PolicyReader.Parse(Encoding.UTF8.GetBytes(policy.ToJsonString()), TestCatalogues.Served, faults);
    }

    private static IEnumerable<string> Declared() =>
        JsonNode.Parse(RepositoryFiles.Bytes("models", "features.json"), documentOptions: WithComments)!["features"]!.AsArray()
            .Select(feature => feature!.ToJsonString());
}
