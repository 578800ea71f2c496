using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// Makes unary gRPC calls with requests that are already serialised, straight over HTTP/2. The client of grpc-dotnet throws an
/// exception for each refusal, which would slow down the load when most calls are refused.
/// </summary>
internal sealed class UnaryCaller : ICaller
{
    /// <summary>Reads the serialised answer.</summary>
    public delegate Answer AnswerReader(ReadOnlySpan<byte> message);

    private const int PrefixLength = 5;
    private static readonly MediaTypeHeaderValue GrpcType = new("application/grpc");

    private readonly HttpMessageInvoker[] _connections;
    private readonly Uri _method;
    private readonly TimeSpan _deadline;
    private readonly string _timeout;
    private readonly AnswerReader _read;
    private int _next;

    /// <param name="port">Port of the service on this machine.</param>
    /// <param name="method">Path of the method, such as "/package.Service/Method".</param>
    /// <param name="deadline">Deadline of each call, counted from when it is sent. It is sent to the service, and the call is cancelled
    /// then, as gRPC clients do.</param>
    /// <param name="connections">Number of connections that calls take in turn. Each opens more when the service's limit of concurrent
    /// streams is reached.</param>
    /// <param name="read">Reads the answers.</param>
    /// <param name="timeout">The deadline that the service is sent; null for that of the call.</param>
    public UnaryCaller(int port, string method, TimeSpan deadline, int connections, AnswerReader read, TimeSpan? timeout = null)
    {
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true, UseProxy = false, UseCookies = false, AllowAutoRedirect = false,
            ActivityHeadersPropagator = null, AutomaticDecompression = DecompressionMethods.None,
        }))];
        _method = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{method}"));
        _deadline = deadline;
        _timeout = string.Create(CultureInfo.InvariantCulture, $"{(timeout ?? deadline).TotalMicroseconds:0}u");
        _read = read;
    }

    /// <summary>A caller of ScoringService.Score.</summary>
    public static UnaryCaller OfService(int port, TimeSpan deadline, int connections, AnswerReader read, TimeSpan? timeout = null) =>
        new(port, "/fraud.scoring.v1.ScoringService/Score", deadline, connections, read, timeout);

    /// <inheritdoc />
    public async Task<Answer> CallAsync(byte[] request, CancellationToken cancellationToken)
    {
        var framed = new byte[PrefixLength + request.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), request.Length);
        request.CopyTo(framed, PrefixLength);
        using var message = new HttpRequestMessage(HttpMethod.Post, _method)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(framed),
        };
        message.Content.Headers.ContentType = GrpcType;
        message.Headers.TryAddWithoutValidation("te", "trailers");
        message.Headers.TryAddWithoutValidation("grpc-timeout", _timeout);
        using var expiry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        expiry.CancelAfter(_deadline);
        try
        {
            var connection = _connections[(uint)Interlocked.Increment(ref _next) % _connections.Length];
            using var response = await connection.SendAsync(message, expiry.Token);
            var content = await response.Content.ReadAsByteArrayAsync(expiry.Token);
            var status = Status(response.TrailingHeaders) ?? Status(response.Headers) ?? StatusCode.Internal;
            return status == StatusCode.OK ? _read(content.AsSpan(PrefixLength)) : new Answer(Outcome.Refused, status);
        }
        catch (OperationCanceledException)
        {
            return new Answer(Outcome.Expired);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Answer(Outcome.Failed);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    // A refusal without a message has its status among the headers.
    private static StatusCode? Status(HttpResponseHeaders headers) => headers.NonValidated.TryGetValues("grpc-status", out var values)
        ? (StatusCode)int.Parse(values.ToString(), CultureInfo.InvariantCulture) : null;
}
