using System.ComponentModel.DataAnnotations;

namespace FraudScoring.Server.Features;

/// <summary>Section "Redis": where entity profiles are kept.</summary>
internal sealed record RedisOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Redis";

    /// <summary>
    /// Configuration string of StackExchange.Redis, such as "redis:6379,password=…". Empty: a store inside this process that keeps nothing.
    /// </summary>
    public string Configuration { get; init; } = "";

    /// <summary>What every key begins with.</summary>
    [Required, RegularExpression("^[a-zA-Z0-9_-]{1,32}$", ErrorMessage = "{0} must be 1 to 32 letters, digits, underscores or hyphens.")]
    public string KeyPrefix { get; init; } = "fraud";

    /// <summary>Secret of the keyed hash that stands in keys instead of tokens, at least 16 characters, the same on all instances. Empty: a
    /// random one, which is only allowed with the embedded store.</summary>
    [RegularExpression("^.{16,256}$", ErrorMessage = "{0} must have 16 to 256 characters, or be empty with the embedded store.")]
    public string EntityHashSecret { get; init; } = "";

    /// <summary>Longest wait for history when a payment is scored, in milliseconds. The deadline may make it shorter.</summary>
    [Range(1, 10_000)]
    public int ReadTimeoutMs { get; init; } = 20;

    /// <summary>How often an update is tried again at once when another instance changed the same profile.</summary>
    [Range(1, 1000)]
    public int MaxConflictRetries { get; init; } = 50;

    /// <summary>
    /// How long Redis remembers a transaction, in minutes: so long a record published again counts once, and a label that names no
    /// tokens finds its payment. Takes about 300 bytes of Redis per transaction of that time.
    /// </summary>
    [Range(1, 43_200)]
    public int TransactionHorizonMinutes { get; init; } = 60;

    /// <summary>Whether what is kept of entities may be erased through the API. For an instance that only those may reach who may erase.</summary>
    public bool EraseAllowed { get; init; }

    /// <summary>The prefix alone: the other values may be secret.</summary>
    public override string ToString() => $"{Section} {{ {nameof(KeyPrefix)} = {KeyPrefix} }}";
}
