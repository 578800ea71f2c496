using System.Diagnostics;
using System.Globalization;
using FraudScoring.Server.Admission;
using Grpc.Core;
using Microsoft.Extensions.Primitives;

namespace FraudScoring.Server.Api;

/// <summary>
/// Writes the answers to requests that are refused because of load. Nothing is built per request but the time to retry after.
/// </summary>
internal static class LoadRefusal
{
    /// <summary>Header of gRPC: in how many milliseconds a client may retry; negative: not at all.</summary>
    public const string PushbackHeader = "grpc-retry-pushback-ms";

    private const int LongestPushbackMs = 2000;
    private static readonly StringValues[] Numbers =
        [.. Enumerable.Range(0, LongestPushbackMs + 1).Select(number => new StringValues(number.ToString(CultureInfo.InvariantCulture)))];

    private static readonly StringValues Never = "-1";
    private static readonly Answer[] Answers = [.. Enum.GetValues<RefusalReason>().Select(reason => new Answer(reason))];

    /// <summary>The gRPC status of a refusal.</summary>
    public static Status StatusOf(RefusalReason reason) => Answers[(int)reason].Status;

    /// <summary>Answers a request over gRPC with a status in the headers (trailers only), and one over JSON with 503 or 504.</summary>
    /// <param name="context">The request. Its body is not read.</param>
    /// <param name="reason">Why it is refused.</param>
    /// <param name="retryAfter">The time after which a retry may succeed.</param>
    /// <param name="left">Timestamp ticks until the caller's deadline.</param>
    public static Task WriteAsync(HttpContext context, RefusalReason reason, TimeSpan retryAfter, long left)
    {
        var answer = Answers[(int)reason];
        var headers = context.Response.Headers;
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            // Retries of many clients must not come at the same time.
            var pushbackMs = Math.Min(LongestPushbackMs, (int)(retryAfter.TotalMilliseconds * (0.5 + Random.Shared.NextDouble())));
            var isInTime = pushbackMs < left * 1000.0 / Stopwatch.Frequency;
            headers.ContentType = "application/grpc";
            headers.GrpcStatus = answer.Code;
            headers.GrpcMessage = answer.Message;
            headers[PushbackHeader] = isInTime ? Numbers[pushbackMs] : Never;
            return Task.CompletedTask;
        }
        context.Response.StatusCode = answer.HttpStatus;
        headers.ContentType = "application/json";
        headers.RetryAfter = Numbers[(int)Math.Ceiling(retryAfter.TotalSeconds)];
        headers.ContentLength = answer.Json.Length;
        return context.Response.Body.WriteAsync(answer.Json).AsTask();
    }

    private sealed class Answer
    {
        public Answer(RefusalReason reason)
        {
            Status = reason switch
            {
                RefusalReason.Deadline => new Status(StatusCode.DeadlineExceeded,
                    "The service is under load, and less time is left for the payment than payments take; it was not scored."),
                RefusalReason.Expired => new Status(StatusCode.DeadlineExceeded,
                    "Time ran out while the payment was scored; it was not decided. Retry with the same payment.transaction_id."),
                RefusalReason.ModelQueue => new Status(StatusCode.ResourceExhausted,
                    "Too many payments wait for the model; the payment was not decided. Retry later."),
                _ => new Status(StatusCode.ResourceExhausted, "The service is overloaded; the request was not processed. Retry later."),
            };
            Code = Numbers[(int)Status.StatusCode];
            // None of the messages has a character that gRPC would have to encode.
            Message = Status.Detail;
            HttpStatus = Status.StatusCode == StatusCode.DeadlineExceeded
                ? StatusCodes.Status504GatewayTimeout
                : StatusCodes.Status503ServiceUnavailable;
            Json = System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $$"""{"code":{{(int)Status.StatusCode}},"message":"{{Status.Detail}}","details":[]}"""));
        }

        public Status Status { get; }

        public StringValues Code { get; }

        public StringValues Message { get; }

        public int HttpStatus { get; }

        public ReadOnlyMemory<byte> Json { get; }
    }
}
