using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace FraudScoring.Server.Admission;

/// <summary>
/// When the requests of a connection arrived, as timestamps of <see cref="System.Diagnostics.Stopwatch"/>. Written by the loop that reads
/// the connection, and read by the threads of its requests.
/// </summary>
/// <remarks>
/// Under overload a request spends most of its time in the queue of the thread pool, before any of its own code runs. Therefore the time
/// is taken where its bytes are read. What they waited before that, <see cref="QueueProbe"/> estimates.
/// </remarks>
internal sealed class ArrivalStamps(bool isHttp2)
{
    /// <summary>Number of streams whose times are kept: as many as may be open on a connection.</summary>
    public const int Capacity = 1024;

    private readonly (int Stream, long At)[] _ring = isHttp2 ? new (int, long)[Capacity] : [];
    private long _lastRead;

    /// <summary>When a request arrived; <paramref name="now"/> if that is not known.</summary>
    public static long Of(HttpContext context, long now)
    {
        if (context.Features.Get<ArrivalStamps>() is not { } stamps)
        {
            return now;
        }
        return Math.Min(now, context.Features.Get<IHttp2StreamIdFeature>() is { } stream ? stamps.Of(stream.StreamId, now)
            : Volatile.Read(ref stamps._lastRead));
    }

    /// <summary>Stamps the request of an HTTP/2 stream.</summary>
    public void Stamp(int stream, long at) => _ring[IndexOf(stream)] = (stream, at);

    /// <summary>Stamps a read of HTTP/1.1: a request has arrived with the read that completes its headers.</summary>
    public void StampRead(long at) => Volatile.Write(ref _lastRead, at);

    /// <summary>
    /// When the request of an HTTP/2 stream arrived, at the latest: if a later stream has taken its place, when that one did.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="unknown">The result for a stream that was never stamped.</param>
    public long Of(int stream, long unknown) => _ring[IndexOf(stream)] is var (stamped, at) && stamped >= stream ? at : unknown;

    // Clients open streams with odd numbers only.
    private static int IndexOf(int stream) => (stream >> 1) % Capacity;
}
