using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Confluent.Kafka;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Kafka;

/// <summary>Section "Kafka": where the streams are and how they are written.</summary>
internal sealed record KafkaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Kafka";

    private const string TopicPattern = "^[a-zA-Z0-9._-]{1,200}$";
    private const string TopicMessage = "{0} must be 1 to 200 letters, digits, dots, underscores or hyphens.";

    /// <summary>Addresses of brokers, as host:port with commas between. Empty: a broker inside this process that keeps nothing.</summary>
    [RegularExpression(@"^([^\s:,]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5})(\s*,\s*([^\s:,]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}))*$",
        ErrorMessage = "{0} must be addresses as host:port with commas between, or empty for the embedded broker.")]
    public string BootstrapServers { get; init; } = "";

    /// <summary>Name of this service in the brokers' logs and quotas.</summary>
    [Required, StringLength(249)]
    public string ClientId { get; init; } = "fraud-scoring";

    /// <summary>Consumer group that all replicas of the service share.</summary>
    [Required, StringLength(249)]
    public string GroupId { get; init; } = "fraud-scoring";

    /// <summary>Topic of payments that were made.</summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string TransactionsTopic { get; init; } = "payments.transactions";

    /// <summary>Topic of what became known about payments.</summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string LabelsTopic { get; init; } = "fraud.labels";

    /// <summary>Topic the service writes its decisions to.</summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string DecisionsTopic { get; init; } = "fraud.decisions";

    /// <summary>What is added to a topic's name to name the topic of its unreadable records.</summary>
    [Required]
    [RegularExpression("^[a-zA-Z0-9._-]{1,49}$", ErrorMessage = "{0} must be 1 to 49 letters, digits, dots, underscores or hyphens.")]
    public string DeadLetterSuffix { get; init; } = ".dead-letter";

    /// <summary>How long records are gathered before they are taken into profiles together, in milliseconds.</summary>
    [Range(0, 1000)]
    public int BatchLingerMs { get; init; } = 5;

    /// <summary>After how long without a sign of life the partitions of an instance go to others, in seconds. Brokers allow 6 and more.</summary>
    [Range(6, 1800)]
    public int SessionTimeoutSeconds { get; init; } = 10;

    /// <summary>How long a label without tokens waits for its transaction before it goes to the dead-letter topic, in hours.</summary>
    [Range(1, 2160)]
    public int ParkedLabelHours { get; init; } = 72;

    /// <summary>How many labels may wait for their transactions. When that is reached, more go to the dead-letter topic at once.</summary>
    [Range(256, 10_000_000)]
    public int MaxParkedLabels { get; init; } = 100_000;

    /// <summary>Decisions that may wait in this process for the Kafka client. When it is full, new ones are dropped and counted.</summary>
    [Range(1, 10_000_000)]
    public int DecisionQueueCapacity { get; init; } = 50_000;

    /// <summary>Records that may wait in the Kafka client for a broker. When it is full, decisions wait in this process.</summary>
    [Range(1, 10_000_000)]
    public int ClientQueueCapacity { get; init; } = 100_000;

    /// <summary>How long the client waits for more records before it sends a batch, in milliseconds.</summary>
    [Range(0, (int)MillisecondsPer.Minute)]
    public int LingerMs { get; init; } = 5;

    /// <summary>How batches are compressed: None, Gzip, Snappy, Lz4 or Zstd.</summary>
    [EnumDataType(typeof(CompressionType))]
    public CompressionType Compression { get; init; } = CompressionType.Lz4;

    /// <summary>How long a decision is tried before it counts as lost, in seconds.</summary>
    [Range(1, SecondsPer.Day)]
    public int DeliveryTimeoutSeconds { get; init; } = 300;

    /// <summary>How long a stop waits for decisions still on their way, in seconds.</summary>
    [Range(0, 600)]
    public int DrainTimeoutSeconds { get; init; } = 10;

    /// <summary>How brokers are talked to: Plaintext, Ssl, SaslPlaintext or SaslSsl.</summary>
    [EnumDataType(typeof(SecurityProtocol))]
    public SecurityProtocol SecurityProtocol { get; init; } = SecurityProtocol.Plaintext;

    /// <summary>How the service proves who it is when the protocol is SASL: Plain, ScramSha256 or ScramSha512.</summary>
    [PasswordMechanism]
    public SaslMechanism SaslMechanism { get; init; } = SaslMechanism.ScramSha512;

    /// <summary>User name; required when the protocol is SASL.</summary>
    [RequiredForSasl]
    public string? SaslUsername { get; init; }

    /// <summary>Password; required when the protocol is SASL.</summary>
    [RequiredForSasl]
    public string? SaslPassword { get; init; }

    /// <summary>File with the certificates of authorities to trust (PEM); null for those of the system.</summary>
    public string? SslCaLocation { get; init; }

    /// <summary>File with the service's own certificate (PEM), or null.</summary>
    public string? SslCertificateLocation { get; init; }

    /// <summary>File with the key of the service's certificate (PEM), or null.</summary>
    public string? SslKeyLocation { get; init; }

    /// <summary>Password of that key, or null.</summary>
    public string? SslKeyPassword { get; init; }

    /// <summary>Whether records pass a SASL login.</summary>
    public bool UsesSasl => SecurityProtocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    // Each with the name the Kafka client has for it.
    private (string Option, string ClientOption, string? Path)[] Files =>
    [
        (nameof(SslCaLocation), "ssl.ca.location", SslCaLocation),
        (nameof(SslCertificateLocation), "ssl.certificate.location", SslCertificateLocation),
        (nameof(SslKeyLocation), "ssl.key.location", SslKeyLocation),
    ];

    private bool UsesTls => SecurityProtocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    /// <summary>Adds options that contradict each other, and ports that no broker can have.</summary>
    public void Check(Faults faults)
    {
        var ports = BootstrapServers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(address => address[(address.LastIndexOf(':') + 1)..]);
        if (ports.Any(port => int.TryParse(port, CultureInfo.InvariantCulture, out var number) && number is < 1 or > 65535))
        {
            faults.Add($"{Section}:{nameof(BootstrapServers)}", "names a port that is not 1 to 65535");
        }
        if (BootstrapServers.Length == 0 && SecurityProtocol != SecurityProtocol.Plaintext)
        {
            faults.Add(
                $"{Section}:{nameof(BootstrapServers)}",
                $"must be set when Kafka:SecurityProtocol is {SecurityProtocol}: the embedded broker has no security");
        }
        string[] topics = [TransactionsTopic, LabelsTopic, DecisionsTopic];
        string[] all = [.. topics, .. topics[..2].Select(DeadLetterTopic)];
        foreach (var topic in all.CountBy(topic => topic).Where(topic => topic.Value > 1))
        {
            faults.Add(Section, $"uses topic {topic.Key} for two purposes; give each a topic of its own");
        }
    }

    /// <summary>Adds certificates and keys that do not exist: the Kafka client refuses them without naming them.</summary>
    public void CheckFiles(Faults faults)
    {
        foreach (var (option, _, path) in Files)
        {
            // The authorities may be a folder, and "probe" looks for those of the system.
            if (UsesTls && path is { Length: > 0 } and not "probe" && !Path.Exists(path))
            {
                faults.Add($"{Section}:{option}", $"does not exist: {Path.GetFullPath(path)}");
            }
        }
    }

    /// <summary>A message of the Kafka client with this service's names of the files in it.</summary>
    public string NameFiles(string message) => Files.Aggregate(message, (text, file) =>
        text.Replace(file.ClientOption, $"{Section}:{file.Option} ({file.Path})", StringComparison.Ordinal));

    /// <summary>The topic for unreadable records of a topic.</summary>
    public string DeadLetterTopic(string topic) => topic + DeadLetterSuffix;

    /// <summary>The address alone: the other values may be secret.</summary>
    public override string ToString() => $"{Section} {{ {nameof(BootstrapServers)} = {BootstrapServers} }}";

    // An attribute rather than IValidatableObject: that is asked only once every attribute has passed, and hides its faults until then.
    private sealed class RequiredForSaslAttribute : ValidationAttribute
    {
        public override bool RequiresValidationContext => true;

        protected override ValidationResult? IsValid(object? value, ValidationContext context) =>
            context.ObjectInstance is KafkaOptions { UsesSasl: true } options && string.IsNullOrEmpty(value as string)
                ? new ValidationResult(
                    $"{context.MemberName} must be set when {nameof(SecurityProtocol)} is {options.SecurityProtocol}.",
                    [context.MemberName!])
                : ValidationResult.Success;
    }

    private sealed class PasswordMechanismAttribute() : ValidationAttribute("{0} must be Plain, ScramSha256 or ScramSha512.")
    {
        public override bool IsValid(object? value) =>
            value is SaslMechanism.Plain or SaslMechanism.ScramSha256 or SaslMechanism.ScramSha512;
    }
}
