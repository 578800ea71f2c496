using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FraudScoring.Server.Api.Json;
using FraudScoring.V1;
using Google.Api;
using Google.Protobuf.Reflection;

namespace FraudScoring.Tests.Documentation.OpenApi;

/// <summary>Generates protos/openapi.json from the messages, the comments of their files, and the constants of the validation.</summary>
internal static class OpenApiGenerator
{
    private const string Json = "application/json";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] ErrorsOfAll = ["400", "405", "413", "415", "429", "500", "503"];

    private static readonly Dictionary<string, string[]> MoreErrors = new()
    {
        ["Score"] = ["404", "409", "504"], ["ShowFeatures"] = [], ["EraseEntities"] = ["403"],
    };

    private static readonly Dictionary<string, string> Errors = new()
    {
        ["400"] = "The request is invalid. `details` has every fault by field. Or an erasure is not possible on this instance; the message "
            + "says why. Do not retry.",
        ["403"] = "The instance does not allow erasures.",
        ["404"] = "The named model is not loaded. The message lists those that are.",
        ["405"] = "The method is not POST.",
        ["409"] = "An earlier request with this transaction id had other fields. The message names them.",
        ["413"] = "The body is larger than `Listen:MaxMessageBytes`.",
        ["415"] = "The body is not JSON in UTF-8 without compression, by its headers.",
        ["429"] = "Too many requests wait for the model. Retry later.",
        ["500"] = "An internal error. The service log has the cause.",
        ["503"] = "The service is overloaded, is stopping, or cannot record the decision or reach its stores. Retry after the time in "
            + "`Retry-After`, if it is given, or on another instance.",
        ["504"] = "The payment could not be scored in time. It was not decided. Retry with the same transaction id.",
    };

    /// <summary>The text of the document.</summary>
    public static string Text() => Document().ToJsonString(Indented) + "\n";

    public static JsonObject Document()
    {
        var comments = new ProtoComments(Directory.GetFiles(RepositoryFiles.Path("protos", "fraud", "scoring", "v1"), "*.proto"));
        var schemas = new OpenApiSchemas(comments);
        var paths = new JsonObject();
        foreach (var method in Methods())
        {
            paths[PathOf(method)] = new JsonObject { ["post"] = Operation(method, comments, schemas) };
        }
        schemas.All["Status"] = StatusSchema();
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "FraudScoring",
                ["version"] = "1",
                ["description"] = "The JSON API of the fraud scoring service. Requests also accept what the schemas do not list: names of "
                    + "fields in camelCase, full names of enum values such as CHANNEL_ECOMMERCE, numbers as strings, and null for an absent "
                    + "field.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "http://localhost:8080" }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.All },
        };
    }

    public static IEnumerable<MethodDescriptor> Methods() => new[] { ScoringReflection.Descriptor, FeaturesReflection.Descriptor }
        .SelectMany(file => file.Services).SelectMany(service => service.Methods).Where(method => PathOf(method).Length > 0);

    public static string PathOf(MethodDescriptor method) => method.GetOptions()?.GetExtension(AnnotationsExtensions.Http)?.Post ?? "";

    private static JsonObject Operation(MethodDescriptor method, ProtoComments comments, OpenApiSchemas schemas)
    {
        var text = comments.Of($"{method.Service.Name}.{method.Name}");
        var responses = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = comments.Of(method.OutputType.Name),
                ["content"] = Content(schemas.Of(method.OutputType, isRequest: false), OpenApiExamples.AnswerOf(method)),
            },
        };
        foreach (var status in ErrorsOfAll.Concat(MoreErrors[method.Name]).Order(StringComparer.Ordinal))
        {
            responses[status] = Error(status, status == "400" ? OpenApiExamples.FaultsOf(method) : null);
        }
        return new JsonObject
        {
            ["operationId"] = method.Name,
            ["summary"] = text.Split(". ")[0].TrimEnd('.'),
            ["description"] = text,
            ["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content(schemas.Of(method.InputType, isRequest: true), OpenApiExamples.RequestOf(method)),
            },
            ["responses"] = responses,
        };
    }

    private static JsonObject Error(string status, JsonNode? example)
    {
        var error = new JsonObject { ["description"] = Errors[status] };
        if (status == "503")
        {
            error["headers"] = new JsonObject
            {
                ["Retry-After"] = new JsonObject
                {
                    ["description"] = "Seconds after which a retry may succeed, if the service is overloaded.",
                    ["schema"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
                },
            };
        }
        error["content"] = Content(new JsonObject { ["$ref"] = "#/components/schemas/Status" }, example);
        return error;
    }

    private static JsonObject Content(JsonObject schema, JsonNode? example)
    {
        var content = new JsonObject { ["schema"] = schema };
        if (example is not null)
        {
            content["example"] = example;
        }
        return new JsonObject { [Json] = content };
    }

    /// <summary>google.rpc.Status, with google.rpc.BadRequest as the only kind of detail.</summary>
    private static JsonObject StatusSchema() => JsonNode.Parse($$"""
        {
          "type": "object",
          "description": "An error, as google.rpc.Status.",
          "properties": {
            "code": {"type": "integer", "format": "int32", "description": "The gRPC status, such as 3 for INVALID_ARGUMENT."},
            "message": {"type": "string", "description": "What is wrong, and what to do about it."},
            "details": {
              "type": "array",
              "description": "The faults of an invalid request.",
              "items": {
                "type": "object",
                "properties": {
                  "@type": {"type": "string", "const": "type.googleapis.com/google.rpc.BadRequest"},
                  "fieldViolations": {
                    "type": "array",
                    "maxItems": {{JsonMessage.MaxFaults}},
                    "items": {
                      "type": "object",
                      "properties": {
                        "field": {"type": "string", "description": "Path of the field, such as payment.amount, or body."},
                        "description": {"type": "string", "description": "What is wrong. Never the value itself."}
                      },
                      "required": ["field", "description"]
                    }
                  }
                },
                "required": ["@type", "fieldViolations"]
              }
            }
          },
          "required": ["code", "message", "details"]
        }
        """)!.AsObject();
}
