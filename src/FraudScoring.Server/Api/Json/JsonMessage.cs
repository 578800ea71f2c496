using System.Collections;
using System.Text.Json;
using System.Text.Unicode;
using FraudScoring.Core.Payments;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Server.Api.Json;

/// <summary>
/// Reads the JSON of a request into its protobuf message, and collects every fault by the path of its field. Compared with the JSON mapping
/// of protobuf, short names of enum values and exact numbers as amounts are accepted, and what has no effect is a fault: unknown and
/// repeated fields. Faults never repeat a value.
/// </summary>
internal static class JsonMessage
{
    /// <summary>Maximum number of faults that are reported.</summary>
    public const int MaxFaults = 50;

    /// <summary>Maximum depth of nested objects and arrays.</summary>
    public const int MaxDepth = 16;

    /// <summary>The path of a fault that concerns the whole body.</summary>
    public const string Body = "body";

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a body in UTF-8; a byte order mark is skipped.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="message">An empty message, which receives the fields that have no fault.</param>
    /// <param name="ignoresUnknown">Whether fields that the message does not have are skipped. Otherwise they are faults.</param>
    /// <param name="faults">Receives at most <see cref="MaxFaults"/> faults.</param>
    /// <returns>False if the body is not a JSON object, so that nothing is known about the fields that were not read.</returns>
    public static bool Read(ReadOnlySpan<byte> body, IMessage message, bool ignoresUnknown, Faults faults)
    {
        if (body.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }
        if (body.IsEmpty || !Utf8.IsValid(body))
        {
            faults.Add(Body, body.IsEmpty ? "is empty; send a JSON object" : "is not valid UTF-8; encode the JSON in UTF-8");
            return false;
        }
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                faults.Add(Body, "must be a JSON object");
                return false;
            }
            new FieldReader(ignoresUnknown, faults).ReadMessage(ref reader, message, "");
            // The body must end with the object.
            reader.Read();
            return true;
        }
        catch (JsonException e)
        {
            faults.Add(Body, Describe(e));
            return false;
        }
    }

    /// <summary>
    /// Adds the faults that the validation of the message found, except for fields that already have a fault: they were not read.
    /// </summary>
    public static void Merge(Faults faults, IEnumerable<Fault> validation)
    {
        var read = faults.ToArray();
        foreach (var fault in validation.Where(fault => !Array.Exists(read, known => Covers(known.Field, fault.Field))))
        {
            if (faults.Count == MaxFaults)
            {
                return;
            }
            faults.Add(fault);
        }
    }

    private static bool Covers(string known, string field) => known == field
        || (field.StartsWith(known, StringComparison.Ordinal) && field[known.Length] is '.' or '[')
        || (known.StartsWith(field, StringComparison.Ordinal) && known[field.Length] == '.');

    // The messages of the reader may quote the text, so only their kind is told.
    private static string Describe(JsonException e)
    {
        var where = $"line {e.LineNumber + 1}, position {e.BytePositionInLine + 1}";
        return e.Message.Contains("trailing comma", StringComparison.Ordinal)
                ? $"has a trailing comma before {where}; remove it"
            : e.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? $"is nested deeper than {MaxDepth} levels at {where}"
            : $"is not valid JSON at {where}";
    }

    /// <summary>Reads the fields of messages. One instance reads one body.</summary>
    private sealed class FieldReader(bool ignoresUnknown, Faults faults)
    {
        /// <summary>Reads the fields of an object, from its start to its end.</summary>
        public void ReadMessage(ref Utf8JsonReader reader, IMessage message, string prefix)
        {
            var seen = new HashSet<FieldDescriptor>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonScalars.Text(ref reader) ?? "";
                reader.Read();
                if (JsonNames.FindField(message.Descriptor, name) is not { } field)
                {
                    if (!ignoresUnknown)
                    {
                        Add(prefix + PlainName.Of(name), JsonNames.Unknown(message.Descriptor, name));
                    }
                    reader.Skip();
                    continue;
                }
                var path = prefix + field.Name;
                if (!seen.Add(field))
                {
                    Add(path, "is given more than once");
                    reader.Skip();
                }
                else if (reader.TokenType != JsonTokenType.Null && !IsExcluded(message, field, path))
                {
                    ReadField(ref reader, message, field, path);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private bool IsExcluded(IMessage message, FieldDescriptor field, string path)
        {
            if (field.RealContainingOneof?.Accessor.GetCaseFieldDescriptor(message) is not { } other)
            {
                return false;
            }
            Add(path, $"cannot be sent with {other.Name}; send one of {NamesOf(field.ContainingOneof)}");
            return true;
        }

        private void ReadField(ref Utf8JsonReader reader, IMessage message, FieldDescriptor field, string path)
        {
            if (field.IsMap)
            {
                ReadMap(ref reader, (IDictionary)field.Accessor.GetValue(message), field, path);
                return;
            }
            string? problem;
            object? value;
            if (field.FieldType == FieldType.Message && field.MessageType != Timestamp.Descriptor)
            {
                value = ReadNested(ref reader, field.MessageType, path, out problem);
            }
            else
            {
                problem = JsonScalars.Read(ref reader, field, out value);
                reader.Skip();
            }
            if (problem is not null)
            {
                Add(path, problem);
            }
            else
            {
                field.Accessor.SetValue(message, value);
            }
        }

        private IMessage? ReadNested(ref Utf8JsonReader reader, MessageDescriptor type, string path, out string? problem)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                problem = type.Oneofs is [{ IsSynthetic: false } oneof]
                    ? $"must be an object with one of {NamesOf(oneof)}"
                    : "must be an object";
                return null;
            }
            problem = null;
            var nested = type.Parser.ParseFrom([]);
            ReadMessage(ref reader, nested, path + ".");
            return nested;
        }

        private void ReadMap(ref Utf8JsonReader reader, IDictionary map, FieldDescriptor field, string path)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Add(path, "must be an object");
                reader.Skip();
                return;
            }
            var type = field.MessageType.FindFieldByNumber(2).MessageType;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonScalars.Text(ref reader);
                var entry = $"{path}[{PlainName.Of(name ?? "")}]";
                reader.Read();
                if (name is null || map.Contains(name))
                {
                    Add(entry, name is null ? "has a name that is not valid Unicode" : "is given more than once");
                    reader.Skip();
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    var value = ReadNested(ref reader, type, entry, out var problem);
                    if (problem is not null)
                    {
                        Add(entry, problem);
                    }
                    // An entry with a fault is kept, so that a second one of its name is found, and the number of entries is right.
                    map.Add(name, value ?? type.Parser.ParseFrom([]));
                }
            }
        }

        private static string NamesOf(OneofDescriptor oneof) => JsonNames.List(oneof.Fields.Select(field => field.Name));

        // One is left for a fault of the whole body.
        private void Add(string path, string problem)
        {
            if (faults.Count < MaxFaults - 1)
            {
                faults.Add(path, problem);
            }
        }
    }
}
