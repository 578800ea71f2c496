using System.ComponentModel.DataAnnotations;

namespace FraudScoring.Server.Features;

/// <summary>Section "Redis": the store of entity profiles.</summary>
internal sealed record RedisOptions
{
    public const string Section = "Redis";

    /// <summary>
    /// Configuration string of StackExchange.Redis, such as "redis:6379,password=…". Empty: an embedded store, which loses everything when
    /// the process ends.
    /// </summary>
    public string Configuration { get; init; } = "";

    /// <summary>
    /// Prefix of every key: 1 to 32 letters, digits, underscores or hyphens. Changing it rebuilds all profiles from the log.
    /// </summary>
    [Required, RegularExpression("^[a-zA-Z0-9_-]{1,32}$", ErrorMessage = "must be 1 to 32 letters, digits, underscores or hyphens")]
    public string KeyPrefix { get; init; } = "fraud";

    /// <summary>
    /// Secret of the keyed hash that replaces tokens in keys: 16 to 256 characters, the same on all instances. To change it, set the former
    /// one as <see cref="PreviousEntityHashSecret"/>; otherwise the service refuses to start. Empty: a random one, allowed only with the
    /// embedded store.
    /// </summary>
    [RegularExpression("^.{16,256}$",
        ErrorMessage = "must have 16 to 256 characters without a line break, or be empty with the embedded store")]
    public string EntityHashSecret { get; init; } = "";

    /// <summary>
    /// The former secret, until its replacement is complete: profiles are read under both, and written under the current one. Remove it
    /// when the longest window has passed; if tokens were erased under it, not before the topic of transactions has no records from before
    /// their erasure. Empty: none.
    /// </summary>
    [RegularExpression("^.{16,256}$", ErrorMessage = "must have 16 to 256 characters without a line break, or be empty")]
    public string PreviousEntityHashSecret { get; init; } = "";

    /// <summary>
    /// Longest wait for history when a payment is scored, in milliseconds. If it is exceeded, the payment is scored without history. Lower
    /// it when Redis is slow and latency matters more than history.
    /// </summary>
    [Range(1, 10_000)]
    public int ReadTimeoutMs { get; init; } = 20;

    /// <summary>Immediate retries of a profile update that conflicts with another instance; after that each retry waits 20 ms.</summary>
    [Range(1, 1000)]
    public int MaxConflictRetries { get; init; } = 50;

    /// <summary>
    /// How long Redis remembers a transaction, in minutes. Within this time a record that is published again counts once, and a label
    /// without tokens finds its payment immediately; later, by a search (Labels). Costs about 300 bytes of Redis memory per transaction.
    /// </summary>
    [Range(1, 43_200)]
    public int TransactionHorizonMinutes { get; init; } = 60;

    /// <summary>
    /// Whether the API may erase the profiles of entities. Enable it only on an instance that only authorized callers can reach.
    /// </summary>
    public bool EraseAllowed { get; init; }

    /// <summary>Shows only the prefix: the other values may be secret.</summary>
    public override string ToString() => $"{Section} {{ {nameof(KeyPrefix)} = {KeyPrefix} }}";
}
