using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using FraudScoring.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Sends payments on long-lived ScoreStream calls, each on the next stream in turn.</summary>
internal sealed class StreamCaller : ICaller
{
    private const int StreamsPerConnection = 8;

    private readonly GrpcChannel[] _channels;
    private readonly Stream[] _streams;
    private int _next;

    /// <param name="port">Port of the service on this machine.</param>
    /// <param name="connections">Number of connections, each with a few streams.</param>
    public StreamCaller(int port, int connections)
    {
        _channels = [.. Enumerable.Range(0, connections).Select(_ =>
            GrpcChannel.ForAddress(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")))];
        _streams = [.. _channels.SelectMany(channel => Enumerable.Range(0, StreamsPerConnection).Select(_ => new Stream(channel)))];
    }

    /// <inheritdoc />
    public Task<Answer> CallAsync(byte[] request, CancellationToken cancellationToken) =>
        _streams[(uint)Interlocked.Increment(ref _next) % _streams.Length].CallAsync(request, cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }

    private sealed class Stream : IDisposable
    {
        private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

        private static readonly Method<byte[], byte[]> Method = new(
            MethodType.DuplexStreaming, "fraud.scoring.v1.ScoringService", "ScoreStream", Bytes, Bytes);

        private readonly AsyncDuplexStreamingCall<byte[], byte[]> _call;
        private readonly Channel<byte[]> _requests = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
        private readonly ConcurrentDictionary<string, TaskCompletionSource<Answer>> _pending = new();

        public Stream(GrpcChannel channel)
        {
            _call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Method, null, new CallOptions());
            _ = WriteAsync();
            _ = ReadAsync();
        }

        public async Task<Answer> CallAsync(byte[] request, CancellationToken cancellationToken)
        {
            var id = Encoding.UTF8.GetString(WireFields.Find(
                WireFields.Find(request, ScoreRequest.PaymentFieldNumber), Payment.TransactionIdFieldNumber));
            var answer = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
            _pending[id] = answer;
            if (!_requests.Writer.TryWrite(request))
            {
                return new Answer(Outcome.Failed);
            }
            await using var _ = cancellationToken.Register(() => answer.TrySetResult(new Answer(Outcome.Expired)));
            return await answer.Task;
        }

        public void Dispose()
        {
            _requests.Writer.TryComplete();
            _call.Dispose();
        }

        private async Task WriteAsync()
        {
            try
            {
                await foreach (var request in _requests.Reader.ReadAllAsync())
                {
                    await _call.RequestStream.WriteAsync(request);
                }
                await _call.RequestStream.CompleteAsync();
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
            {
                // The stream has ended; the reader ends the calls that wait.
            }
        }

        private async Task ReadAsync()
        {
            try
            {
                while (await _call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    Answer(_call.ResponseStream.Current);
                }
            }
            catch (RpcException)
            {
                // The service has ended the stream, or the load has.
            }
            _requests.Writer.TryComplete();
            foreach (var pending in _pending.Values)
            {
                pending.TrySetResult(new Answer(Outcome.Failed));
            }
        }

        private void Answer(ReadOnlySpan<byte> message)
        {
            var id = Encoding.UTF8.GetString(WireFields.Find(message, ScoreStreamResponse.TransactionIdFieldNumber));
            if (!_pending.TryRemove(id, out var pending))
            {
                return;
            }
            var response = WireFields.Find(message, ScoreStreamResponse.ResponseFieldNumber);
            pending.TrySetResult(response.IsEmpty
                ? new Answer(
                    Outcome.Refused,
                    (StatusCode)ScoreError.Parser.ParseFrom(WireFields.Find(message, ScoreStreamResponse.ErrorFieldNumber)).Code)
                : Scores.Answer.OfService(response));
        }
    }
}
