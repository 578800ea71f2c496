using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Net.Http.Headers;

namespace FraudScoring.Server.Api.Json;

/// <summary>A method of a gRPC service as JSON over HTTP.</summary>
/// <param name="method">The method. Its option google.api.http names the path.</param>
/// <param name="check">Adds the faults that the call would refuse a request for.</param>
/// <param name="call">Handles a request, as over gRPC.</param>
/// <param name="settings">The limits.</param>
/// <param name="log">Receives failures.</param>
internal sealed class JsonMethod<TRequest, TResponse>(
    MethodDescriptor method, Action<TRequest, Faults> check, Func<TRequest, HttpContext, Task<TResponse>> call, JsonSettings settings,
    ILogger log)
    where TRequest : IMessage, new()
    where TResponse : IMessage
{
    private const string Post = "POST";

    // A body of a payment fits; a larger one grows the buffer as it arrives.
    private const int UsualBytes = 2048;

    /// <summary>The path, such as "/v1/score".</summary>
    public string Path { get; } = method.GetOptions().GetExtension(AnnotationsExtensions.Http).Post;

    /// <summary>Answers a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (InvalidRequestException e)
        {
            await JsonAnswer.WriteErrorAsync(context, StatusCodes.Status400BadRequest, e.StatusCode, e.Status.Detail, e.Faults);
        }
        catch (LoadRefusalException e)
        {
            await e.WriteAsync(context);
        }
        catch (RpcException e)
        {
            await WriteAsync(context, JsonAnswer.HttpStatusOf(e.StatusCode), e.StatusCode, e.Status.Detail);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await WriteAsync(context, e.StatusCode, StatusCode.ResourceExhausted,
                $"The body has more than {settings.MaxBytes} bytes, the limit of Listen:MaxMessageBytes; send less.");
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has disconnected; nobody reads an answer.
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, e.StatusCode, StatusCode.InvalidArgument,
                "The body could not be read: it ends too early, arrives too slowly or is framed wrongly. Send it again.");
        }
        catch (Exception e) when (e is not OutOfMemoryException && !context.Response.HasStarted)
        {
            log.JsonRequestFailed(e, Path);
            await WriteAsync(context, StatusCodes.Status500InternalServerError, StatusCode.Internal,
                "The request failed: an internal error. Retry; the service log has the cause (event 103).");
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Method != Post)
        {
            context.Response.Headers.Allow = Post;
            await WriteAsync(context, StatusCodes.Status405MethodNotAllowed, StatusCode.Unimplemented, $"Use {Post} for {Path}.");
            return;
        }
        if (FindMediaFault(context.Request) is { } fault)
        {
            await WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, StatusCode.InvalidArgument, fault);
            return;
        }
        using var body = new MemoryStream(UsualBytes);
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = Read(body.GetBuffer().AsSpan(0, (int)body.Length));
        await JsonAnswer.WriteAsync(context, await call(request, context));
    }

    private TRequest Read(ReadOnlySpan<byte> body)
    {
        var (request, faults) = (new TRequest(), new Faults());
        var isRead = JsonMessage.Read(body, request, settings.IgnoresUnknownFields, faults);
        if (faults.Count == 0)
        {
            return request;
        }
        if (isRead)
        {
            var validation = new Faults();
            check(request, validation);
            JsonMessage.Merge(faults, validation);
        }
        ServerMetrics.InvalidRequests.Inc();
        throw Refusal.Invalid(faults);
    }

    private static string? FindMediaFault(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !(type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
        {
            return "The Content-Type must be application/json.";
        }
        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return "The charset of the Content-Type must be utf-8, or left out.";
        }
        return request.Headers.ContentEncoding.Count > 0
                && !request.Headers.ContentEncoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? "The Content-Encoding must be left out: compressed bodies are not accepted."
            : null;
    }

    private static Task WriteAsync(HttpContext context, int http, StatusCode code, string message) =>
        JsonAnswer.WriteErrorAsync(context, http, code, message, []);
}
