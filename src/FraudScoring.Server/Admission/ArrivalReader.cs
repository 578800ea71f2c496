using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using KestrelListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;

namespace FraudScoring.Server.Admission;

/// <summary>The input of a connection, which stamps requests as their first bytes are read.</summary>
internal sealed class ArrivalReader(PipeReader input, ArrivalStamps stamps, bool isHttp2) : PipeReader
{
    private FrameWalker _walker = new();
    private ReadResult _last;
    private long _walked;

    /// <summary>Stamps the requests of an endpoint's connections. Add it after TLS.</summary>
    public static void Use(KestrelListenOptions endpoint)
    {
        var isHttp2 = endpoint.Protocols == HttpProtocols.Http2;
        endpoint.Use(next => connection =>
        {
            var stamps = new ArrivalStamps(isHttp2);
            connection.Features.Set(stamps);
            var input = new ArrivalReader(connection.Transport.Input, stamps, isHttp2);
            connection.Transport = new Transport(input, connection.Transport.Output);
            return next(connection);
        });
    }

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // What is not consumed comes again with the next read.
        _walked = _last.Buffer.Slice(consumed).Length;
        _last = default;
        input.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc />
    public override void CancelPendingRead() => input.CancelPendingRead();

    /// <inheritdoc />
    public override void Complete(Exception? exception = null) => input.Complete(exception);

    /// <inheritdoc />
    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    /// <inheritdoc />
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = input.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? ValueTask.FromResult(Stamp(read.Result)) : StampAsync(read);
    }

    /// <inheritdoc />
    public override bool TryRead(out ReadResult result)
    {
        if (!input.TryRead(out result))
        {
            return false;
        }
        Stamp(result);
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> StampAsync(ValueTask<ReadResult> read) => Stamp(await read);

    private ReadResult Stamp(ReadResult result)
    {
        _last = result;
        if (result.Buffer.Length > _walked)
        {
            var now = Stopwatch.GetTimestamp();
            if (isHttp2)
            {
                _walker.Walk(result.Buffer.Slice(_walked), stamps, now);
            }
            else
            {
                stamps.StampRead(now);
            }
        }
        return result;
    }

    private sealed class Transport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
