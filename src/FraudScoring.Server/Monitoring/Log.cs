using FraudScoring.Core.Profiles.Codec;

namespace FraudScoring.Server.Monitoring;

/// <summary>
/// Every line of the service log, grouped by area. Event ids, levels and messages are frozen in tests/Approved/log-events.txt, because
/// operators filter and alert on them. No message holds a payment's values.
/// </summary>
internal static partial class Log
{
    // 1xx: start and hosting

    [LoggerMessage(100, LogLevel.Information, "Serving catalogue {CatalogueHash} with {Features} features; the champion is model {Model} "
        + "version {Version}, bundle {BundleHash}")]
    public static partial void DeploymentActive(
        this ILogger log, string catalogueHash, int features, string model, string version, string bundleHash);

    [LoggerMessage(101, LogLevel.Information, "{Text}")]
    public static partial void Ready(this ILogger log, string text);

    // 2xx: Redis and profiles

    [LoggerMessage(200, LogLevel.Warning, "Redis at {Endpoints} does not answer; reconnecting in the background. Until it answers, "
        + "payments are scored without history (MISSING_FEATURES) and Kafka records are not applied")]
    public static partial void RedisUnavailable(this ILogger log, string endpoints);

    [LoggerMessage(201, LogLevel.Warning, "A Redis command of the consumers failed; retrying in {Pause:s'.'ff} s. {Reason}")]
    public static partial void ProfileWriteRetried(this ILogger log, TimeSpan pause, string reason);

    [LoggerMessage(202, LogLevel.Error, "Refused a stored profile of entity {Entity}: {Fault}. Corrupt profiles are rebuilt from the Kafka "
        + "log; for NewerVersion, upgrade this instance to the release that wrote the profile")]
    public static partial void ProfileRefused(this ILogger log, string entity, ProfileFault fault);

    [LoggerMessage(203, LogLevel.Warning, "Rebuilt a corrupt profile of entity {Entity} from the Kafka log")]
    public static partial void ProfileRepaired(this ILogger log, string entity);

    [LoggerMessage(204, LogLevel.Error, "Rebuilding {Count} corrupt profiles from the Kafka log failed; retrying in {Pause:%s} s. "
        + "{Reason}")]
    public static partial void RepairFailed(this ILogger log, int count, TimeSpan pause, string reason);

    // 3xx: Kafka consumers and rewind

    [LoggerMessage(EventId = 300, Message = "Kafka client {Client}: {Message}")]
    public static partial void KafkaClient(this ILogger log, LogLevel level, string client, string message);

    [LoggerMessage(301, LogLevel.Information, "Topic {Topic} does not exist yet; consuming starts when it is created")]
    public static partial void TopicMissing(this ILogger log, string topic);

    [LoggerMessage(302, LogLevel.Error, "Consumer of topic {Topic} failed; restarting it in {Pause:%s} s. {Reason}")]
    public static partial void ConsumerRestarted(this ILogger log, string topic, TimeSpan pause, string reason);

    [LoggerMessage(303, LogLevel.Error, "Redis lacks records that were applied; rewinding topic {Topic} partition {Partition} from offset "
        + "{From} to offset {To}. Features may be stale until the partition is read again")]
    public static partial void Rewound(this ILogger log, string topic, int partition, long from, long to);

    [LoggerMessage(304, LogLevel.Error, "Features lack the records of topic {Topic} partition {Partition} from offset {From} up to offset "
        + "{To}, which Kafka has deleted, until the windows of the features have passed. To prevent this, raise the topic's retention "
        + "above the longest window of the catalogue")]
    public static partial void LogTruncated(this ILogger log, string topic, int partition, long from, long to);

    // 4xx: decisions, dead letters and parked labels

    [LoggerMessage(400, LogLevel.Error, "Scoring a payment of a stream failed; the payment is answered with INTERNAL and the stream "
        + "continues")]
    public static partial void StreamPaymentFailed(this ILogger log, Exception exception);

    [LoggerMessage(401, LogLevel.Error, "Lost a decision: it was not delivered to topic {Topic}. Further losses within 10 s are only "
        + "counted (fraud_decisions_dropped_total). {Reason}")]
    public static partial void DecisionNotDelivered(this ILogger log, string topic, string reason);

    [LoggerMessage(402, LogLevel.Error, "Lost a decision: it could not be serialized as a Kafka record")]
    public static partial void DecisionNotWritten(this ILogger log, Exception exception);

    [LoggerMessage(403, LogLevel.Error, "The Kafka producer of topic {Topic} failed permanently and is replaced by a new one. {Reason}")]
    public static partial void DecisionClientReplaced(this ILogger log, string topic, string reason);

    [LoggerMessage(404, LogLevel.Information, "Delivered all decisions to topic {Topic} before the service stopped")]
    public static partial void DecisionsDrained(this ILogger log, string topic);

    [LoggerMessage(405, LogLevel.Error, "Lost {Count} decisions: they were not delivered to topic {Topic} within {Seconds} s of shutdown. "
        + "Raise Kafka:DrainTimeoutSeconds if the brokers are healthy")]
    public static partial void DecisionsLost(this ILogger log, long count, string topic, int seconds);

    [LoggerMessage(410, LogLevel.Warning, "Sending record {Topic}[{Partition}]@{Offset} to its dead-letter topic: {Reason}")]
    public static partial void DeadLetter(this ILogger log, string topic, int partition, long offset, string reason);

    [LoggerMessage(411, LogLevel.Error, "Delivering a dead letter to topic {Topic} failed ({Failures} in a row); retrying in "
        + "{Pause:s'.'ff} s. The consumer of its source topic waits. {Reason}")]
    public static partial void DeadLetterRetried(this ILogger log, string topic, int failures, TimeSpan pause, string reason);

    [LoggerMessage(412, LogLevel.Warning, "Publishing a parked label to topic {Topic} failed; retrying in {Pause:%s} s. {Reason}")]
    public static partial void LabelRetried(this ILogger log, string topic, TimeSpan pause, string reason);

    // 5xx: models and registry

    [LoggerMessage(500, LogLevel.Information, "Loaded and warmed up model {Model} version {Version}: it runs {Placement}; {Explained}")]
    public static partial void ModelLoaded(this ILogger log, string model, string version, string placement, string explained);

    [LoggerMessage(501, LogLevel.Information, "Unloading model {Model} version {Version}: it takes no new requests and is freed when its "
        + "last request has ended")]
    public static partial void ModelUnloaded(this ILogger log, string model, string version);

    [LoggerMessage(502, LogLevel.Information, "Model {Model} version {Version} is now the champion and scores payments")]
    public static partial void ChampionChanged(this ILogger log, string model, string version);

    [LoggerMessage(503, LogLevel.Error, "Refused a user model; the other models are still served. {Fault}")]
    public static partial void ModelRefused(this ILogger log, string fault);

    [LoggerMessage(504, LogLevel.Error, "Refused the registry of {Folder}; the current models stay active. {Faults}")]
    public static partial void RegistryRefused(this ILogger log, string folder, string faults);

    [LoggerMessage(505, LogLevel.Information, "Accepted the registry of {Folder}: it is valid again")]
    public static partial void RegistryAccepted(this ILogger log, string folder);

    [LoggerMessage(506, LogLevel.Warning, "The active decision policy {PolicyHash} is not the policy {TrainedHash} that model {Model} "
        + "version {Version} was trained with; the decision figures of its model card may no longer apply")]
    public static partial void PolicyDiffers(this ILogger log, string policyHash, string model, string version, string trainedHash);

    // 6xx: devices and quarantine

    [LoggerMessage(600, LogLevel.Information, "Device for models: {Found}")]
    public static partial void DeviceFound(this ILogger log, string found);

    [LoggerMessage(601, LogLevel.Information, "Device {Device} runs model {Model} version {Version}. {Reason}")]
    public static partial void DeviceUp(this ILogger log, string device, string model, string version, string reason);

    [LoggerMessage(EventId = 602, Message = "Device {Device} does not run model {Model} version {Version}: {State}. The CPU runs the "
        + "model instead. {Reason}")]
    public static partial void DeviceNotUsed(
        this ILogger log, LogLevel level, string device, string model, string version, string state, string reason);

    [LoggerMessage(610, LogLevel.Error, "Model {Model} version {Version} {Reason}. After Inference:QuarantineAfter failures in a row it is "
        + "quarantined")]
    public static partial void ModelRunFailed(this ILogger log, string model, string version, string reason);

    [LoggerMessage(611, LogLevel.Error, "Quarantined model {Model} version {Version}: rules alone decide its payments and other requests "
        + "for it are refused. It is retried with growing pauses; meanwhile, roll back to an earlier version in registry.json")]
    public static partial void ModelQuarantined(this ILogger log, string model, string version);

    [LoggerMessage(612, LogLevel.Warning, "Released model {Model} version {Version} from quarantine: it returned a valid answer")]
    public static partial void ModelReturned(this ILogger log, string model, string version);

    // 7xx: catalogue change and erasure

    [LoggerMessage(700, LogLevel.Information, "Building the profiles of {Folder}: {Share:P1} of the Kafka log read, {Remaining} records "
        + "left, estimated time left {TimeLeft}")]
    public static partial void BackfillProgress(this ILogger log, string folder, double share, long remaining, string timeLeft);

    [LoggerMessage(701, LogLevel.Information, "Switched to {Folder}: catalogue {Hash} replaces catalogue {Before}")]
    public static partial void CatalogueSwitched(this ILogger log, string folder, string hash, string before);

    [LoggerMessage(702, LogLevel.Warning, "Erased {Profiles} profiles; receipt {ReceiptId}")]
    public static partial void EntitiesErased(this ILogger log, int profiles, string receiptId);

    // 8xx: embedded servers

    [LoggerMessage(800, LogLevel.Warning, "Redis:Configuration is empty: features are kept in this process, at {Endpoint}, in at most "
        + "{Limit} of memory. Nothing survives a restart. For production set Redis:Configuration")]
    public static partial void EmbeddedRedisStarted(this ILogger log, string endpoint, string limit);

    [LoggerMessage(801, LogLevel.Warning, "Kafka:BootstrapServers is empty: topics are kept in this process, at {Endpoint}, the newest 5 "
        + "MB of each partition. Nothing survives a restart. For production set Kafka:BootstrapServers")]
    public static partial void EmbeddedKafkaStarted(this ILogger log, string endpoint);

    [LoggerMessage(802, LogLevel.Warning, "Deleting folder {Folder} of the embedded Redis failed; delete it by hand. {Reason}")]
    public static partial void EmbeddedFolderLeft(this ILogger log, string folder, string reason);
}
