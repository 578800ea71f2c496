using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace FraudScoring.LoadTest.Scores;

/// <summary>A full garbage collection in another process, as tools request it that dump its heap.</summary>
internal static class FullCollection
{
    // GCHeapCollectKeyword: the runtime collects when a session with it begins.
    private const long Keyword = 0x800000;
    private const int BufferMb = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests a collection, and gives it half a second.</summary>
    public static async Task RequestAsync(int process, CancellationToken cancellationToken)
    {
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, Keyword);
        using var session = await new DiagnosticsClient(process)
            .StartEventPipeSessionAsync([provider], requestRundown: false, BufferMb, cancellationToken);
        var reading = session.EventStream.CopyToAsync(Stream.Null, CancellationToken.None);
        await Task.Delay(Limit, CancellationToken.None);
        await session.StopAsync(CancellationToken.None);
        await reading;
    }
}
