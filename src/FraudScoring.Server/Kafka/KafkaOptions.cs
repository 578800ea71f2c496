using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Confluent.Kafka;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Kafka;

/// <summary>Section "Kafka": brokers, topics, consumers, producers and security.</summary>
internal sealed record KafkaOptions
{
    public const string Section = "Kafka";

    private const string TopicPattern = "^[a-zA-Z0-9._-]{1,200}$";
    private const string TopicMessage = "must be 1 to 200 letters, digits, dots, underscores or hyphens";

    /// <summary>
    /// Addresses of brokers, as host:port, separated by commas. Empty: an embedded broker, which loses everything when the process ends.
    /// </summary>
    [RegularExpression(@"^([^\s:,]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5})(\s*,\s*([^\s:,]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}))*$",
        ErrorMessage = "must be host:port addresses separated by commas, or empty for the embedded broker")]
    public string BootstrapServers { get; init; } = "";

    /// <summary>Client id, which the brokers use in logs and quotas; up to 249 characters.</summary>
    [Required, StringLength(249)]
    public string ClientId { get; init; } = "fraud-scoring";

    /// <summary>
    /// Prefix of the consumer groups, the same on all replicas; up to 249 characters. A new one reads the topics from the start.
    /// </summary>
    [Required, StringLength(249)]
    public string GroupId { get; init; } = "fraud-scoring";

    /// <summary>Topic of payments that took place; the consumer applies them to the profiles.</summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string TransactionsTopic { get; init; } = "payments.transactions";

    /// <summary>Topic of labels: what analysts say about payments.</summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string LabelsTopic { get; init; } = "fraud.labels";

    /// <summary>Topic that the service writes its decisions to.</summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string DecisionsTopic { get; init; } = "fraud.decisions";

    /// <summary>
    /// Topic of erasures, compacted: which tokens were erased, and until when. With Redis:EraseAllowed the service creates it.
    /// </summary>
    [Required, RegularExpression(TopicPattern, ErrorMessage = TopicMessage)]
    public string ErasuresTopic { get; init; } = "fraud.erasures";

    /// <summary>Suffix of dead-letter topics; appended to the name of the topic whose records are invalid.</summary>
    [Required]
    [RegularExpression("^[a-zA-Z0-9._-]{1,49}$", ErrorMessage = "must be 1 to 49 letters, digits, dots, underscores or hyphens")]
    public string DeadLetterSuffix { get; init; } = ".dead-letter";

    /// <summary>
    /// Attempts to write a dead letter, with pauses of 100 ms to 2 s between them, before consumption goes on without it.
    /// </summary>
    [Range(1, 100)]
    public int DeadLetterAttempts { get; init; } = 5;

    /// <summary>
    /// How long a consumer collects records into a batch, in milliseconds; 0 to 1000. Raise it to cut the load on Redis; events are visible
    /// later by as much.
    /// </summary>
    [Range(0, 1000)]
    public int BatchLingerMs { get; init; } = 5;

    /// <summary>
    /// Seconds without a heartbeat after which the partitions of an instance go to other instances. Brokers require at least 6.
    /// </summary>
    [Range(6, 1800)]
    public int SessionTimeoutSeconds { get; init; } = 10;

    /// <summary>
    /// How long a label without tokens stays parked until its transaction arrives, in hours. After that, if a search (Labels) did not find
    /// its payment either, it becomes a dead letter.
    /// </summary>
    [Range(1, 2160)]
    public int ParkedLabelHours { get; init; } = 72;

    /// <summary>
    /// Maximum number of transactions that labels are parked for, up to 16 labels each. Further labels go to the dead-letter topic as
    /// soon as all payments that existed by then are read.
    /// </summary>
    [Range(256, 10_000_000)]
    public int MaxParkedLabels { get; init; } = 100_000;

    /// <summary>
    /// Capacity of the queue of decisions before the Kafka client. When it is full, new decisions are dropped and counted. Without a spool,
    /// raise it to survive longer broker outages; it costs memory.
    /// </summary>
    [Range(1, 10_000_000)]
    public int DecisionQueueCapacity { get; init; } = 50_000;

    /// <summary>
    /// Capacity of the Kafka client's own queue. When it is full, decisions wait in the service's queue. With a spool, at most 10,000 are
    /// used.
    /// </summary>
    [Range(1, 10_000_000)]
    public int ClientQueueCapacity { get; init; } = 100_000;

    /// <summary>How long the producer collects decisions into a batch, in milliseconds.</summary>
    [Range(0, (int)MillisecondsPer.Minute)]
    public int LingerMs { get; init; } = 20;

    /// <summary>Compression of batches: None, Gzip, Snappy, Lz4 or Zstd.</summary>
    [EnumDataType(typeof(CompressionType))]
    public CompressionType Compression { get; init; } = CompressionType.Lz4;

    /// <summary>
    /// Without a spool: how long the delivery of a decision is retried before it counts as lost, in seconds. With one, it is retried until
    /// it succeeds.
    /// </summary>
    [Range(1, SecondsPer.Day)]
    public int DeliveryTimeoutSeconds { get; init; } = 300;

    /// <summary>
    /// How long shutdown waits for accepted decisions to be delivered, in seconds. The rest stays in the spool, or is lost without one.
    /// </summary>
    [Range(0, 600)]
    public int DrainTimeoutSeconds { get; init; } = 10;

    /// <summary>Protocol of the connection to brokers: Plaintext, Ssl, SaslPlaintext or SaslSsl.</summary>
    [EnumDataType(typeof(SecurityProtocol))]
    public SecurityProtocol SecurityProtocol { get; init; } = SecurityProtocol.Plaintext;

    /// <summary>SASL mechanism when SecurityProtocol is SaslPlaintext or SaslSsl: Plain, ScramSha256 or ScramSha512.</summary>
    [PasswordMechanism]
    public SaslMechanism SaslMechanism { get; init; } = SaslMechanism.ScramSha512;

    /// <summary>SASL user name. Required when SecurityProtocol is SaslPlaintext or SaslSsl.</summary>
    [RequiredForSasl]
    public string? SaslUsername { get; init; }

    /// <summary>SASL password. Required when SecurityProtocol is SaslPlaintext or SaslSsl.</summary>
    [RequiredForSasl]
    public string? SaslPassword { get; init; }

    /// <summary>File of trusted CA certificates (PEM). Null: the system's CA certificates.</summary>
    public string? SslCaLocation { get; init; }

    /// <summary>File of the client certificate (PEM) for mutual TLS. Null: no client certificate.</summary>
    public string? SslCertificateLocation { get; init; }

    /// <summary>File of the client certificate's private key (PEM). Required with SslCertificateLocation.</summary>
    public string? SslKeyLocation { get; init; }

    /// <summary>Password of the private key. Null: the key is not encrypted.</summary>
    public string? SslKeyPassword { get; init; }

    /// <summary>True if the connection logs in with SASL.</summary>
    public bool UsesSasl => SecurityProtocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    // Each with its name in librdkafka, whose error messages use it.
    private (string Option, string ClientOption, string? Path)[] Files =>
    [
        (nameof(SslCaLocation), "ssl.ca.location", SslCaLocation),
        (nameof(SslCertificateLocation), "ssl.certificate.location", SslCertificateLocation),
        (nameof(SslKeyLocation), "ssl.key.location", SslKeyLocation),
    ];

    private bool UsesTls => SecurityProtocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    /// <summary>Adds faults for options that contradict each other and for invalid ports.</summary>
    public void Check(Faults faults)
    {
        var ports = BootstrapServers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(address => address[(address.LastIndexOf(':') + 1)..]);
        if (ports.Any(port => int.TryParse(port, CultureInfo.InvariantCulture, out var number) && number is < 1 or > 65535))
        {
            faults.Add($"{Section}:{nameof(BootstrapServers)}", "contains a port outside 1 to 65535");
        }
        if (BootstrapServers.Length == 0 && SecurityProtocol != SecurityProtocol.Plaintext)
        {
            faults.Add(
                $"{Section}:{nameof(BootstrapServers)}",
                $"must be set when Kafka:SecurityProtocol is {SecurityProtocol}: the embedded broker has no security");
        }
        string[] topics = [TransactionsTopic, LabelsTopic, DecisionsTopic];
        string[] all = [.. topics, ErasuresTopic, .. topics[..2].Select(DeadLetterTopic)];
        foreach (var topic in all.CountBy(topic => topic).Where(topic => topic.Value > 1))
        {
            faults.Add(Section, $"uses topic {topic.Key} more than once; "
                + "TransactionsTopic, LabelsTopic, DecisionsTopic, ErasuresTopic and the dead-letter topics must differ");
        }
    }

    /// <summary>Adds a fault for each missing certificate or key file: the Kafka client rejects those without naming the file.</summary>
    public void CheckFiles(Faults faults)
    {
        foreach (var (option, _, path) in Files)
        {
            // ssl.ca.location may be a folder, and "probe" makes librdkafka search for the system's CA certificates.
            if (UsesTls && path is { Length: > 0 } and not "probe" && !Path.Exists(path))
            {
                faults.Add($"{Section}:{option}", $"does not exist: {Path.GetFullPath(path)}");
            }
        }
    }

    /// <summary>Replaces librdkafka's option names in one of its messages by the names and paths of this section.</summary>
    public string NameFiles(string message) => Files.Aggregate(message, (text, file) =>
        text.Replace(file.ClientOption, $"{Section}:{file.Option} ({file.Path})", StringComparison.Ordinal));

    public string DeadLetterTopic(string topic) => topic + DeadLetterSuffix;

    /// <summary>
    /// Consumer group of a topic. One per layout: profiles of another layout are built from the log independently, so they need offsets of
    /// their own.
    /// </summary>
    public string Group(string layout, string topic) => $"{GroupId}-{layout}-{topic}";

    /// <summary>Shows only the addresses: the other values may be secret.</summary>
    public override string ToString() => $"{Section} {{ {nameof(BootstrapServers)} = {BootstrapServers} }}";

    // An attribute, not IValidatableObject: that runs only after every attribute has passed, so its faults would appear one start later.
    private sealed class RequiredForSaslAttribute : ValidationAttribute
    {
        public override bool RequiresValidationContext => true;

        protected override ValidationResult? IsValid(object? value, ValidationContext context) =>
            context.ObjectInstance is KafkaOptions { UsesSasl: true } options && string.IsNullOrEmpty(value as string)
                ? new ValidationResult(
                    $"must be set when {Section}:{nameof(SecurityProtocol)} is {options.SecurityProtocol}",
                    [context.MemberName!])
                : ValidationResult.Success;
    }

    private sealed class PasswordMechanismAttribute() : ValidationAttribute("must be Plain, ScramSha256 or ScramSha512")
    {
        public override bool IsValid(object? value) =>
            value is SaslMechanism.Plain or SaslMechanism.ScramSha256 or SaslMechanism.ScramSha512;
    }
}
