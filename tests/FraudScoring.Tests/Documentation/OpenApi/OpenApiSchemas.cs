using System.Text.Json.Nodes;
using FraudScoring.Server.Api.Json;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Documentation.OpenApi;

/// <summary>
/// Builds the schemas of messages. Those of requests are strict: they name what the service accepts and nothing else. Those of answers
/// allow for fields that are added later.
/// </summary>
internal sealed class OpenApiSchemas(ProtoComments comments)
{
    private const string Required = "Required.";

    public JsonObject All { get; } = [];

    /// <summary>A reference to the schema of a message, which is built with all that it contains.</summary>
    public JsonObject Of(MessageDescriptor message, bool isRequest)
    {
        if (!All.ContainsKey(message.Name))
        {
            // In its place first: schemas are in the order in which they are needed.
            All[message.Name] = new JsonObject();
            All[message.Name] = isRequest ? Request(message) : Answer(message);
        }
        return new JsonObject { ["$ref"] = $"#/components/schemas/{message.Name}" };
    }

    private JsonObject Request(MessageDescriptor message)
    {
        var schema = Start(message);
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            properties[field.Name] = Describe(Property(field, isRequest: true), field);
            if (comments.Of($"{message.Name}.{field.Name}").Contains(Required, StringComparison.Ordinal))
            {
                required.Add(field.Name);
            }
        }
        schema["properties"] = properties;
        AddRequired(schema, required);
        schema["additionalProperties"] = false;
        return Merge(schema, FieldLimits.Of(message));
    }

    private JsonObject Answer(MessageDescriptor message)
    {
        var schema = Start(message);
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            properties[field.JsonName] = Describe(Property(field, isRequest: false), field);
            if (!field.HasPresence)
            {
                required.Add(field.JsonName);
            }
        }
        schema["properties"] = properties;
        AddRequired(schema, required);
        return schema;
    }

    private static void AddRequired(JsonObject schema, JsonArray required)
    {
        if (required.Count > 0)
        {
            schema["required"] = required;
        }
    }

    private JsonObject Start(MessageDescriptor message)
    {
        var schema = new JsonObject { ["type"] = "object" };
        return comments.Of(message.Name) is { Length: > 0 } text ? Merge(schema, new() { ["description"] = text }) : schema;
    }

    private JsonObject Describe(JsonObject property, FieldDescriptor field)
    {
        var text = comments.Of($"{field.ContainingType.Name}.{field.Name}").Replace(Required, "", StringComparison.Ordinal).Trim();
        if (field.FieldType == FieldType.Enum)
        {
            text = string.Join('\n', [text, .. field.EnumType.Values.Skip(1)
                .Select(value => (Name: NameOf(field.EnumType, value, isRequest: !field.IsRepeated && IsOfRequest(field)), Text:
                    comments.Of($"{field.EnumType.Name}.{value.Name}")))
                .Where(value => value.Text.Length > 0).Select(value => $"- `{value.Name}`: {value.Text}")]).Trim();
        }
        if (text.Length > 0)
        {
            property["description"] = text;
        }
        return property;
    }

    private static bool IsOfRequest(FieldDescriptor field) =>
        field.ContainingType.Name is nameof(V1.Payment) or nameof(V1.ScoreRequest);

    private JsonObject Property(FieldDescriptor field, bool isRequest)
    {
        if (field.IsMap)
        {
            var map = new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = Of(field.MessageType.FindFieldByNumber(2).MessageType, isRequest),
            };
            return isRequest ? Merge(map, FieldLimits.Of(field)) : map;
        }
        var value = isRequest && FieldLimits.IsAmount(field) ? FieldLimits.Amount() : Value(field, isRequest);
        return field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = value }
            : isRequest ? Merge(value, FieldLimits.Of(field)) : value;
    }

    private JsonObject Value(FieldDescriptor field, bool isRequest) => field.FieldType switch
    {
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldType.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        FieldType.Enum => new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. field.EnumType.Values.Skip(1)
                .Select(value => (JsonNode)NameOf(field.EnumType, value, isRequest))]),
        },
        FieldType.Message when field.MessageType == Timestamp.Descriptor =>
            new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        FieldType.Message => Of(field.MessageType, isRequest),
        _ => throw new NotSupportedException($"{field.FullName} has the type {field.FieldType}."),
    };

    private static string NameOf(EnumDescriptor type, EnumValueDescriptor value, bool isRequest) =>
        isRequest ? JsonNames.ShortNames(type).ElementAt(value.Index) : value.Name;

    private static JsonObject Merge(JsonObject schema, JsonObject more)
    {
        foreach (var (keyword, value) in more)
        {
            schema[keyword] = value!.DeepClone();
        }
        return schema;
    }
}
