using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using FraudScoring.Core.Payments;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace FraudScoring.Server.Api.Json;

/// <summary>Writes answers and errors as JSON. An error has the form of google.rpc.Status, as over gRPC.</summary>
internal static class JsonAnswer
{
    private const string ContentType = "application/json";

    // Protobuf leaves out fields with their default value. A caller of JSON should see all of them.
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    // The answers are no HTML, so quotation marks and dashes can stay as they are.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The HTTP status of a gRPC status, by google/rpc/code.proto.</summary>
    public static int HttpStatusOf(StatusCode code) => code switch
    {
        StatusCode.OK => StatusCodes.Status200OK,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => StatusCodes.Status400BadRequest,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Cancelled => StatusCodes.Status499ClientClosedRequest,
        StatusCode.Unimplemented => StatusCodes.Status501NotImplemented,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The text of an answer.</summary>
    public static string Format(IMessage message) => Formatter.Format(message);

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync(HttpContext context, IMessage message)
    {
        context.Response.ContentType = ContentType;
        return context.Response.WriteAsync(Format(message), context.RequestAborted);
    }

    /// <summary>Writes an error.</summary>
    /// <param name="context">The request, whose answer has not begun.</param>
    /// <param name="http">The HTTP status.</param>
    /// <param name="code">The gRPC status.</param>
    /// <param name="message">What is wrong, and what to do about it.</param>
    /// <param name="faults">The faults by field, if the request is invalid.</param>
    public static Task WriteErrorAsync(HttpContext context, int http, StatusCode code, string message, IReadOnlyList<Fault> faults)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteNumber("code", (int)code);
            writer.WriteString("message", message);
            writer.WriteStartArray("details");
            if (faults.Count > 0)
            {
                WriteFaults(writer, faults);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        context.Response.StatusCode = http;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = buffer.WrittenCount;
        return context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }

    private static void WriteFaults(Utf8JsonWriter writer, IReadOnlyList<Fault> faults)
    {
        writer.WriteStartObject();
        writer.WriteString("@type", $"type.googleapis.com/{BadRequest.Descriptor.FullName}");
        writer.WriteStartArray("fieldViolations");
        foreach (var (field, problem) in faults)
        {
            writer.WriteStartObject();
            writer.WriteString("field", field);
            writer.WriteString("description", problem);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
