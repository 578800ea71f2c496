using FraudScoring.Core.Profiles.Codec;

namespace FraudScoring.Server.Monitoring;

/// <summary>Every line the service logs. No message holds a payment's values.</summary>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Features: {Features} of catalogue {CatalogueHash}; model: {Model} version {Version}, bundle {BundleHash}")]
    public static partial void ModelInForce(this ILogger log, int features, string catalogueHash, string model, string version, string bundleHash);

    [LoggerMessage(LogLevel.Warning, "The decision policy in force, {PolicyHash}, is not the one model {Model} version {Version} was trained "
        + "beside, {TrainedHash}: what its model card says of decisions may not hold")]
    public static partial void PolicyDiffers(this ILogger log, string policyHash, string model, string version, string trainedHash);

    [LoggerMessage(LogLevel.Information, "{Text}")]
    public static partial void HowToCall(this ILogger log, string text);

    [LoggerMessage(LogLevel.Error, "A payment of a stream could not be scored")]
    public static partial void StreamPaymentFailed(this ILogger log, Exception exception);

    [LoggerMessage(LogLevel.Error, "A stored profile of entity {Entity} was refused: {Fault}")]
    public static partial void ProfileRefused(this ILogger log, string entity, ProfileFault fault);

    [LoggerMessage(LogLevel.Warning, "Redis did not take a batch of profiles, which is tried again in {Pause}: {Reason}")]
    public static partial void ProfileWriteRetried(this ILogger log, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Error, "The consumer of {Topic} failed and starts again in {Pause}: {Reason}")]
    public static partial void ConsumerRestarted(this ILogger log, string topic, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Error, "Redis has lost data: partition {Partition} of {Topic}, which was at offset {From}, is read again from {To}")]
    public static partial void Rewound(this ILogger log, string topic, int partition, long from, long to);

    [LoggerMessage(LogLevel.Error, "Offsets {From} to {To} of {Topic}[{Partition}] are missing from features and no longer in the log: "
        + "its retention is shorter than the time they reach back")]
    public static partial void LogTruncated(this ILogger log, string topic, int partition, long from, long to);

    [LoggerMessage(LogLevel.Information, "Profiles of {Folder}: {Share:P1} of the log, {Remaining} records left, about {TimeLeft} to go")]
    public static partial void BackfillProgress(this ILogger log, string folder, double share, long remaining, TimeSpan? timeLeft);

    [LoggerMessage(LogLevel.Information, "{Folder} is in service: catalogue {Hash} follows {Before}")]
    public static partial void CatalogueSwitched(this ILogger log, string folder, string hash, string before);

    [LoggerMessage(LogLevel.Warning, "Erasure {ReceiptId} emptied {Profiles} profiles")]
    public static partial void EntitiesErased(this ILogger log, string receiptId, int profiles);

    [LoggerMessage(LogLevel.Warning, "A corrupt profile of entity {Entity} was built anew from the log")]
    public static partial void ProfileRepaired(this ILogger log, string entity);

    [LoggerMessage(LogLevel.Error, "{Count} corrupt profiles could not be built anew, which is tried again in {Pause}: {Reason}")]
    public static partial void RepairFailed(this ILogger log, int count, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Warning, "A label that waited for its transaction was not delivered to {Topic} and is tried again in {Pause}: {Reason}")]
    public static partial void LabelRetried(this ILogger log, string topic, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Information, "Topic {Topic} does not exist yet; it is consumed as soon as it does")]
    public static partial void TopicMissing(this ILogger log, string topic);

    [LoggerMessage(LogLevel.Warning, "Redis:Configuration is empty: features are kept in this process, at {Endpoint}, in at most {Limit} "
        + "of memory. Nothing survives a restart. For production set Redis:Configuration.")]
    public static partial void EmbeddedRedisStarted(this ILogger log, string endpoint, string limit);

    [LoggerMessage(LogLevel.Warning, "Redis at {Endpoints} does not answer; retrying in the background. Until it answers, payments are scored "
        + "without history (MISSING_FEATURES) and events are not applied.")]
    public static partial void RedisAway(this ILogger log, string endpoints);

    [LoggerMessage(LogLevel.Information, "The registry of {Folder} is valid again")]
    public static partial void RegistryAccepted(this ILogger log, string folder);

    [LoggerMessage(LogLevel.Warning, "Kafka:BootstrapServers is empty: streams are kept in this process, at {Endpoint}, the newest 5 MB "
        + "of each partition. Nothing survives a restart. For production set Kafka:BootstrapServers.")]
    public static partial void EmbeddedKafkaStarted(this ILogger log, string endpoint);

    [LoggerMessage(LogLevel.Warning, "Folder {Folder} of the embedded Redis could not be removed: {Reason}")]
    public static partial void EmbeddedFolderLeft(this ILogger log, string folder, string reason);

    [LoggerMessage("Kafka client {Client}: {Message}")]
    public static partial void KafkaClient(this ILogger log, LogLevel level, string client, string message);

    [LoggerMessage(LogLevel.Error, "A decision was not delivered to {Topic}: {Reason}")]
    public static partial void DecisionNotDelivered(this ILogger log, string topic, string reason);

    [LoggerMessage(LogLevel.Error, "A decision could not be written as a Kafka record")]
    public static partial void DecisionNotWritten(this ILogger log, Exception exception);

    [LoggerMessage(LogLevel.Error, "The Kafka producer of {Topic} is broken ({Reason}) and is replaced by a new one")]
    public static partial void DecisionClientReplaced(this ILogger log, string topic, string reason);

    [LoggerMessage(LogLevel.Information, "All decisions were delivered to {Topic} before the stop")]
    public static partial void DecisionsDrained(this ILogger log, string topic);

    [LoggerMessage(LogLevel.Error, "{Count} decisions were not delivered to {Topic} within {Limit} and are lost: the service stops")]
    public static partial void DecisionsLeft(this ILogger log, long count, string topic, TimeSpan limit);

    [LoggerMessage(LogLevel.Warning, "Record {Topic}[{Partition}]@{Offset} goes to its dead-letter topic: {Reason}")]
    public static partial void DeadLetter(this ILogger log, string topic, int partition, long offset, string reason);

    [LoggerMessage(LogLevel.Error,
        "A dead letter was not delivered to {Topic} at attempt {Attempt} and is tried again in {Pause}: {Reason}")]
    public static partial void DeadLetterRetried(this ILogger log, string topic, int attempt, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Information, "Models run on {Found}")]
    public static partial void DeviceFound(this ILogger log, string found);

    [LoggerMessage(LogLevel.Information, "Device {Device} runs model {Model} version {Version}: {Reason}")]
    public static partial void DeviceUp(this ILogger log, string device, string model, string version, string reason);

    [LoggerMessage("Device {Device} does not run model {Model} version {Version} ({State}), the CPU does: {Reason}")]
    public static partial void DeviceNotUsed(
        this ILogger log, LogLevel level, string device, string model, string version, Inference.Batching.CircuitState state, string reason);

    [LoggerMessage(LogLevel.Error, "Model {Model} version {Version} is in quarantine: "
        + "payments are decided by rules alone, other requests refused, and it is tried again from time to time")]
    public static partial void ModelQuarantined(this ILogger log, string model, string version);

    [LoggerMessage(LogLevel.Error, "Model {Model} version {Version} {What}")]
    public static partial void ModelGaveNoAnswer(this ILogger log, string model, string version, string what);

    [LoggerMessage(LogLevel.Warning, "Model {Model} version {Version} gave a valid answer again, and is back from quarantine")]
    public static partial void ModelReturned(this ILogger log, string model, string version);

    [LoggerMessage(LogLevel.Information, "Model {Model} version {Version} is loaded and warm: it runs {Placement}; {Explained}")]
    public static partial void ModelLoaded(this ILogger log, string model, string version, string placement, string explained);

    [LoggerMessage(LogLevel.Information, "Model {Model} version {Version} takes no more requests; it is unloaded when its last one has ended")]
    public static partial void ModelUnloaded(this ILogger log, string model, string version);

    [LoggerMessage(LogLevel.Information, "Model {Model} version {Version} decides from now on")]
    public static partial void ChampionChanged(this ILogger log, string model, string version);

    [LoggerMessage(LogLevel.Error, "A model was refused, the others are served: {Fault}")]
    public static partial void ModelRefused(this ILogger log, string fault);

    [LoggerMessage(LogLevel.Error, "The registry of {Folder} was refused, and what was loaded stays in force: {Faults}")]
    public static partial void RegistryRefused(this ILogger log, string folder, string faults);
}
