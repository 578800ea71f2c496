using FraudScoring.Core.Profiles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Features;

/// <summary>
/// The circuit breakers of the reads of payments: one for a single server, and one per bucket on a cluster, of which one node may be silent
/// while the others answer.
/// </summary>
internal sealed class RedisBreakers : IDisposable
{
    private readonly RedisConnections _redis;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisBreaker[] _breakers;
    private readonly Lock _gate = new();
    private int _open;
    private long _openedAt;

    public RedisBreakers(RedisConnections redis, RedisOptions options, TimeProvider time, ILogger<RedisBreakers> log)
    {
        (_redis, _time, _log) = (redis, time, log);
        _limit = TimeSpan.FromMilliseconds(options.ReadTimeoutMs);
        _breakers =
        [
            .. Enumerable.Range(0, EntityKey.Buckets).Select(bucket => new RedisBreaker(
                // A key that never exists, on the node that has the bucket.
                _limit, () => _redis.Reading.GetDatabase().KeyExistsAsync($"{options.KeyPrefix}::probe:{{{bucket}}}"), Changed, time,
                _stopping.Token)),
        ];
    }

    /// <summary>True while reads of any bucket are skipped.</summary>
    public bool IsAnyOpen => Volatile.Read(ref _open) > 0;

    /// <summary>The breaker of the reads of a bucket's keys.</summary>
    public RedisBreaker Of(int bucket) => _breakers[_redis.IsCluster ? bucket : 0];

    /// <inheritdoc />
    public void Dispose() => _stopping.Cancel();

    private void Changed(bool isOpen)
    {
        lock (_gate)
        {
            _open += isOpen ? 1 : -1;
            if (isOpen && _open == 1)
            {
                _openedAt = _time.GetTimestamp();
                ServerMetrics.RedisBreakerOpen.Set(1);
                _log.RedisReadsSkipped(_limit.TotalMilliseconds);
            }
            else if (_open == 0)
            {
                ServerMetrics.RedisBreakerOpen.Set(0);
                _log.RedisReadsResumed(_time.GetElapsedTime(_openedAt));
            }
        }
    }
}
