using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Api.Json;
using FraudScoring.V1;
using Google.Protobuf.Reflection;
using Json.Schema;
using Microsoft.OpenApi;
using EntityTokens = FraudScoring.Core.Payments.EntityTokens;

namespace FraudScoring.Tests.Documentation.OpenApi;

/// <summary>protos/openapi.json describes the JSON API as the service implements it.</summary>
public sealed class OpenApiTests
{
    private static readonly string Saved = RepositoryFiles.Path("protos", "openapi.json");
    private static readonly JsonObject Document = OpenApiGenerator.Document();

    private static IEnumerable<string> Methods => OpenApiGenerator.Methods().Select(method => method.Name);

    [Test]
    public void File_IsTheGeneratedOne()
    {
        if (ApprovedTests.IsApproving)
        {
            File.WriteAllText(Saved, OpenApiGenerator.Text(), new UTF8Encoding(false));
            return;
        }
        Assert.That(File.ReadAllText(Saved), Is.EqualTo(OpenApiGenerator.Text()),
            $"Update it: {ApprovedTests.Approve}=1 dotnet test tests/FraudScoring.Tests --filter FullyQualifiedName~OpenApiTests");
    }

    [Test]
    public void Document_IsValidOpenApi()
    {
        var read = OpenApiDocument.Parse(OpenApiGenerator.Text(), "json");
        Assert.That(read.Diagnostic!.Errors.Select(error => error.ToString()), Is.Empty);
        Assert.That(read.Diagnostic.Warnings.Select(warning => warning.ToString()), Is.Empty);
        Assert.That(read.Diagnostic.SpecificationVersion, Is.EqualTo(OpenApiSpecVersion.OpenApi3_1));
        Assert.That(read.Document!.Paths.Keys, Is.EquivalentTo(new[] { "/v1/score", "/v1/features:show", "/v1/entities:erase" }));
    }

    [Test]
    public void Schemas_DescribeEveryField()
    {
        var undescribed = from schema in Document["components"]!["schemas"]!.AsObject()
                          where schema.Key != "Status"
                          from property in schema.Value!["properties"]!.AsObject()
                          where property.Value!["description"] is null
                          select $"{schema.Key}.{property.Key}";
        Assert.That(undescribed, Is.Empty, "add a comment to the proto file");
    }

    [TestCaseSource(nameof(Methods))]
    public void Examples_Conform_AndTheRequestIsAccepted(string name)
    {
        var method = OpenApiGenerator.Methods().Single(method => method.Name == name);
        var operation = Document["paths"]![OpenApiGenerator.PathOf(method)]!["post"]!;
        var request = operation["requestBody"]!["content"]!["application/json"]!["example"]!;
        Assert.That(ErrorsOf(method.InputType.Name, request), Is.Empty);
        Assert.That(FaultsOf(method.InputType, request), Is.Empty);
        foreach (var (status, response) in operation["responses"]!.AsObject())
        {
            if (response!["content"]!["application/json"]!["example"] is { } example)
            {
                Assert.That(ErrorsOf(status == "200" ? method.OutputType.Name : "Status", example), Is.Empty);
            }
        }
    }

    /// <summary>Changes to a field of the example: what the schema accepts is what the validation accepts.</summary>
    [TestCase("transaction_id", "a@64", true)]
    [TestCase("transaction_id", "a@65", false)]
    [TestCase("transaction_id", "", false)]
    [TestCase("transaction_id", null, false)]
    [TestCase("card_token", "a@64", true)]
    [TestCase("card_token", "a@65", false)]
    [TestCase("card_token", null, false)]
    [TestCase("merchant_id", "a@64", true)]
    [TestCase("merchant_id", "a@65", false)]
    [TestCase("merchant_id", null, false)]
    [TestCase("account_token", "a@64", true)]
    [TestCase("account_token", "a@65", false)]
    [TestCase("account_token", "", true)]
    [TestCase("account_token", null, true)]
    [TestCase("device_token", "a@64", true)]
    [TestCase("device_token", "a@65", false)]
    [TestCase("device_token", null, true)]
    [TestCase("ip_address", "1@46", false)]
    [TestCase("ip_address", "2001:0db8:0000:0000:0000:ffff:192.168.100.228", true)]
    [TestCase("ip_address", null, true)]
    [TestCase("currency", "eur", false)]
    [TestCase("currency", "EURO", false)]
    [TestCase("currency", null, false)]
    [TestCase("event_time", null, false)]
    [TestCase("amount", null, false)]
    [TestCase("amount", "1.", false)]
    [TestCase("amount", "-1", false)]
    [TestCase("amount", "1e2", false)]
    [TestCase("amount", "0", true)]
    [TestCase("amount", 12.5, true)]
    [TestCase("amount", -0.5, false)]
    [TestCase("channel", "atm", true)]
    [TestCase("channel", "online", false)]
    [TestCase("channel", "unspecified", false)]
    [TestCase("channel", null, false)]
    [TestCase("merchant_category", "5411", true)]
    [TestCase("merchant_category", "541", false)]
    [TestCase("merchant_category", "54111", false)]
    [TestCase("merchant_category", "", true)]
    [TestCase("country", "de", false)]
    [TestCase("country", "DEU", false)]
    [TestCase("country", "", true)]
    [TestCase("location.latitude", 90, true)]
    [TestCase("location.latitude", 90.1, false)]
    [TestCase("location.latitude", -90.1, false)]
    [TestCase("location.longitude", 180, true)]
    [TestCase("location.longitude", 180.1, false)]
    [TestCase("location.longitude", -180.1, false)]
    [TestCase("attributes.tier", """{"text":"gold"}""", true)]
    [TestCase("attributes.tier", """{"text":"gold","flag":true}""", false)]
    [TestCase("attributes.tier", "{}", false)]
    [TestCase("attributes.tier", """{"number":"x"}""", false)]
    [TestCase("attributes.tier", "text@256", true)]
    [TestCase("attributes.tier", "text@257", false)]
    [TestCase("attributes", "count@32", true)]
    [TestCase("attributes", "count@33", false)]
    [TestCase("attributes", "name@64", true)]
    [TestCase("attributes", "name@65", false)]
    [TestCase("surname", "x", false)]
    public void Limit_OfTheSchema_IsThatOfTheValidation(string path, object? value, bool isAccepted)
    {
        var request = OpenApiExamples.RequestOf(OpenApiGenerator.Methods().First());
        Change(request["payment"]!, path, value);
        Assert.That(ErrorsOf(nameof(ScoreRequest), request), isAccepted ? Is.Empty : Is.Not.Empty, "schema");
        Assert.That(FaultsOf(ScoreRequest.Descriptor, request), isAccepted ? Is.Empty : Is.Not.Empty, "validation");
    }

    [TestCase("""{"card_token":"a"}""", true)]
    [TestCase("""{"ip_address":"203.0.113.7"}""", true)]
    [TestCase("{}", false)]
    [TestCase("""{"account":"a"}""", false)]
    public void LimitOfEntities_IsThatOfTheValidation(string entities, bool isAccepted)
    {
        var request = new JsonObject { ["entities"] = JsonNode.Parse(entities) };
        Assert.That(ErrorsOf(nameof(EraseEntitiesRequest), request), isAccepted ? Is.Empty : Is.Not.Empty, "schema");
        Assert.That(FaultsOf(EraseEntitiesRequest.Descriptor, request), isAccepted ? Is.Empty : Is.Not.Empty, "validation");
    }

    [Test]
    public void Limits_AreOfFieldsThatExist() => Assert.That(FieldLimits.Fields.Where(name =>
        Document["components"]!["schemas"]![name.Split('.')[0]]?["properties"]?[name.Split('.')[1]] is null), Is.Empty);

    private static void Change(JsonNode payment, string path, object? value)
    {
        var names = path.Split('.');
        var parent = names.Length == 1 ? payment : payment[names[0]]!;
        parent[names[^1]] = value switch
        {
            null => null,
            string text when text.Split('@') is [var kind, var length] => Long(kind, int.Parse(length)),
            string text when text.StartsWith('{') => JsonNode.Parse(text),
            _ => JsonSerializer.SerializeToNode(value),
        };
        if (value is null)
        {
            parent.AsObject().Remove(names[^1]);
        }
    }

    private static JsonNode Long(string kind, int length) => kind switch
    {
        "text" => new JsonObject { ["text"] = new string('x', length) },
        "name" => new JsonObject { [new string('x', length)] = new JsonObject { ["flag"] = true } },
        "count" => new JsonObject(Enumerable.Range(0, length)
            .Select(i => KeyValuePair.Create($"a{i}", (JsonNode?)new JsonObject { ["flag"] = true }))),
        _ => new string(kind[0], length),
    };

    private static List<string> ErrorsOf(string schema, JsonNode instance)
    {
        var definitions = Document["components"]!["schemas"]!.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
        var built = JsonSchema.FromText($$"""{"$ref":"#/$defs/{{schema}}","$defs":{{definitions}}}""");
        using var document = JsonDocument.Parse(instance.ToJsonString());
        var result = built.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid ? [] : [.. Errors(result)];
    }

    private static IEnumerable<string> Errors(EvaluationResults result) =>
        (result.Errors ?? new Dictionary<string, string>()).Select(error => $"{result.InstanceLocation}: {error.Value}")
            .Concat((result.Details ?? []).SelectMany(Errors)).DefaultIfEmpty($"{result.InstanceLocation}: invalid");

    /// <summary>What the service would refuse the request for, except for the age of the payment.</summary>
    private static Faults FaultsOf(MessageDescriptor type, JsonNode json)
    {
        var (request, faults) = (type.Parser.ParseFrom([]), new Faults());
        JsonMessage.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), request, ignoresUnknown: false, faults);
        var validation = new Faults();
        switch (request)
        {
            case ScoreRequest score: PaymentReader.Parse(score.Payment, PaymentLimits.AnyTime, 0, validation); break;
            case ShowFeaturesRequest show: Check(show.Entities, validation); break;
            case EraseEntitiesRequest erase: Check(erase.Entities, validation); break;
            default: throw new NotSupportedException(type.FullName);
        }
        JsonMessage.Merge(faults, validation);
        return faults;
    }

    private static void Check(V1.EntityTokens? entities, Faults faults) => PaymentReader.ParseTokens(
        new EntityTokens { Card = entities?.CardToken, IpAddress = entities?.IpAddress, Device = entities?.DeviceToken }, faults);
}
