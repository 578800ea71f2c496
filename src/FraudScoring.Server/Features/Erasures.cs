using System.Collections.Concurrent;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>
/// Which tokens were erased, and until when their payments no longer count. Read from Kafka before any record is applied, so that nothing
/// that is read again brings an erased history back.
/// </summary>
/// <remarks>
/// Tokens are keyed hashes of 64 bits. With a million erased tokens, a token that was never erased is taken for one of them with a
/// probability of 5e-14. A token takes about 50 bytes of memory for each kind of entity that it begins.
/// </remarks>
internal sealed class Erasures
{
    private readonly ConcurrentDictionary<ulong, long> _untilMs = [];
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEmpty = true;

    /// <summary>Completes once all erasures up to the start of the service are known.</summary>
    public Task Known => _known.Task;

    /// <summary>True if no token was ever erased.</summary>
    // Asked for every profile that is read; an empty dictionary takes all of its locks to tell.
    public bool IsEmpty => _isEmpty;

    /// <summary>Adds erased tokens. A later erasure of the same token extends an earlier one.</summary>
    /// <param name="hashes">Hashes of the tokens.</param>
    /// <param name="untilMs">Event time of the last payment that no longer counts, milliseconds since the Unix epoch.</param>
    public void Add(IEnumerable<ulong> hashes, long untilMs)
    {
        foreach (var hash in hashes)
        {
            _untilMs.AddOrUpdate(hash, static (_, until) => until, static (_, before, until) => Math.Max(before, until), untilMs);
            _isEmpty = false;
        }
    }

    /// <summary>
    /// Event time of the last payment of a token that no longer counts, milliseconds since the Unix epoch; <see cref="long.MinValue"/> if
    /// it was never erased.
    /// </summary>
    /// <param name="hash">Hash of the token.</param>
    public long UntilOf(ulong hash) => _untilMs.TryGetValue(hash, out var untilMs) ? untilMs : long.MinValue;

    /// <summary>True if a token was erased after a payment with it was made.</summary>
    /// <param name="hash">Hash of the token.</param>
    /// <param name="eventTimeMs">When the payment was made, milliseconds since the Unix epoch.</param>
    public bool Covers(ulong hash, long eventTimeMs) => eventTimeMs <= UntilOf(hash);

    /// <summary>True if a token was erased after a payment with it was made.</summary>
    /// <param name="hasher">Hashes the token.</param>
    /// <param name="field">The token's field.</param>
    /// <param name="token">The token.</param>
    /// <param name="eventTimeMs">When the payment was made, milliseconds since the Unix epoch.</param>
    public bool Covers(EntityHasher hasher, PaymentField field, string token, long eventTimeMs) =>
        Covers(hasher.HashOfToken(field, token), eventTimeMs);

    /// <summary>Completes <see cref="Known"/>.</summary>
    public void SetKnown() => _known.TrySetResult();
}
