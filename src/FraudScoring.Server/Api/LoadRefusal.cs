using System.Diagnostics;
using System.Globalization;
using System.Text;
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
    private static readonly Answer[] Answers = [.. Enum.GetValues<RefusalReason>().Select(reason => new Answer(CreateStatus(reason)))];
    private static readonly Answer Stopping = new(Refusal.Stopping().Status);

    /// <summary>The gRPC status of a refusal.</summary>
    public static Status StatusOf(RefusalReason reason) => Answers[(int)reason].Status;

    /// <summary>Answers a request over gRPC with a status in the headers (trailers only), and one over JSON with 503 or 504.</summary>
    /// <param name="context">The request. Its body is not read.</param>
    /// <param name="reason">Why it is refused.</param>
    /// <param name="retryAfter">The time after which a retry may succeed.</param>
    /// <param name="left">Timestamp ticks until the caller's deadline.</param>
    public static Task WriteAsync(HttpContext context, RefusalReason reason, TimeSpan retryAfter, long left)
    {
        var headers = context.Response.Headers;
        if (IsGrpc(context))
        {
            headers[PushbackHeader] = PushbackOf(retryAfter, left);
        }
        else
        {
            headers.RetryAfter = Numbers[(int)Math.Min(LongestPushbackMs, Math.Ceiling(retryAfter.TotalSeconds))];
        }
        return Answers[(int)reason].WriteAsync(context);
    }

    /// <summary>The value of the header <see cref="PushbackHeader"/>.</summary>
    /// <param name="retryAfter">The time after which a retry may succeed.</param>
    /// <param name="left">Timestamp ticks until the caller's deadline.</param>
    public static StringValues PushbackOf(TimeSpan retryAfter, long left)
    {
        // Retries of many clients must not come at the same time.
        var pushbackMs = Math.Min(LongestPushbackMs, (int)(retryAfter.TotalMilliseconds * (0.5 + Random.Shared.NextDouble())));
        return pushbackMs < left * 1000.0 / Stopwatch.Frequency ? Numbers[pushbackMs] : Never;
    }

    /// <summary>Answers a payment that arrives while the service stops: a retry on another instance may succeed immediately.</summary>
    public static Task WriteStoppingAsync(HttpContext context) => Stopping.WriteAsync(context);

    private static bool IsGrpc(HttpContext context) =>
        context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    private static Status CreateStatus(RefusalReason reason) => reason switch
    {
        RefusalReason.Deadline => new Status(StatusCode.DeadlineExceeded,
            "The service is under load, and less time is left for the payment than payments take; it was not scored."),
        RefusalReason.Expired => new Status(StatusCode.DeadlineExceeded,
            "The payment could not be scored in time; it was not decided. Retry with the same payment.transaction_id."),
        RefusalReason.CallerDeadline => new Status(StatusCode.DeadlineExceeded,
            "The payment could not be scored within the deadline of the call; it was not decided. Retry with a longer deadline."),
        RefusalReason.ModelQueue => new Status(StatusCode.ResourceExhausted,
            "Too many payments wait for the model; the payment was not decided. Retry later."),
        RefusalReason.Cancelled => new Status(StatusCode.Cancelled, "The call was cancelled; the payment was not decided."),
        _ => new Status(StatusCode.ResourceExhausted, "The service is overloaded; the request was not processed. Retry later."),
    };

    private sealed class Answer(Status status)
    {
        private readonly StringValues _code = Numbers[(int)status.StatusCode];

        // None of the messages has a character that gRPC would have to encode.
        private readonly StringValues _message = status.Detail;

        private readonly int _httpStatus = status.StatusCode == StatusCode.DeadlineExceeded
            ? StatusCodes.Status504GatewayTimeout
            : StatusCodes.Status503ServiceUnavailable;

        private readonly byte[] _json = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"code":{{(int)status.StatusCode}},"message":"{{status.Detail}}","details":[]}"""));

        public Status Status => status;

        public Task WriteAsync(HttpContext context)
        {
            var headers = context.Response.Headers;
            if (IsGrpc(context))
            {
                headers.ContentType = "application/grpc";
                headers.GrpcStatus = _code;
                headers.GrpcMessage = _message;
                return Task.CompletedTask;
            }
            context.Response.StatusCode = _httpStatus;
            headers.ContentType = "application/json";
            headers.ContentLength = _json.Length;
            return context.Response.Body.WriteAsync(_json).AsTask();
        }
    }
}
