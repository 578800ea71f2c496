using FraudScoring.Server.Admission;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>A payment that is refused because of load after its message was read.</summary>
/// <param name="reason">Why it is refused.</param>
/// <param name="retryAfter">The time after which a retry may succeed.</param>
/// <param name="left">Timestamp ticks until the caller's deadline.</param>
internal sealed class LoadRefusalException(RefusalReason reason, TimeSpan retryAfter, long left)
    : RpcException(
        LoadRefusal.StatusOf(reason), new Metadata { { LoadRefusal.PushbackHeader, LoadRefusal.PushbackOf(retryAfter, left).ToString() } })
{
    /// <summary>Answers a request over JSON.</summary>
    public Task WriteAsync(HttpContext context) => LoadRefusal.WriteAsync(context, reason, retryAfter, left);
}
