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

    [LoggerMessage(102, LogLevel.Warning, "Requests are refused because of load, the first one for the reason {Reason}. "
        + "fraud_shed_total counts them by reason, and fraud_wait_seconds shows how long requests wait for a thread. Add replicas, or "
        + "lower the load. This line is repeated at most every 10 s")]
    public static partial void RequestsRefused(this ILogger log, string reason);

    [LoggerMessage(103, LogLevel.Error, "A JSON request to {Path} failed; it is answered with INTERNAL (500). Report this as a bug")]
    public static partial void JsonRequestFailed(this ILogger log, Exception exception, string path);

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

    [LoggerMessage(204, LogLevel.Error, "Rebuilding {Count} corrupt profiles from the Kafka log failed; retrying in {Pause:c}. {Reason}")]
    public static partial void RepairFailed(this ILogger log, int count, TimeSpan pause, string reason);

    [LoggerMessage(205, LogLevel.Warning, "Replaced the secret of the keys in Redis: profiles are written under Redis:EntityHashSecret, "
        + "and those that have not moved yet are read under Redis:PreviousEntityHashSecret. Remove it after {Days} days: what has not "
        + "moved by then is older than every window. If tokens were erased under it, keep it until the topic of transactions has no "
        + "records from before their erasure")]
    public static partial void SecretRotated(this ILogger log, int days);

    [LoggerMessage(206, LogLevel.Warning, "Rebuilt a corrupt profile of entity {Entity} from a Kafka log that may lack some of its "
        + "history: topic {Topic} partition {Partition} begins at offset {Offset}, within the time that features of the entity look back. "
        + "They may be too low until it has passed. To prevent this, raise the topic's retention above the catalogue's longest window")]
    public static partial void ProfileRepairIncomplete(this ILogger log, string entity, string topic, int partition, long offset);

    [LoggerMessage(210, LogLevel.Error, "Cannot rebuild a corrupt profile of entity {Entity}: Redis has applied records up to offset "
        + "{Marker} of topic {Topic} partition {Partition}, but the partition has none from offset {End} on. Payments of the entity are "
        + "answered with MISSING_FEATURES. {Next}. If the topic was deleted or recreated, set another Redis:KeyPrefix, which rebuilds all "
        + "profiles from the topics as they are now")]
    public static partial void RepairStalled(
        this ILogger log, string entity, long marker, string topic, int partition, long end, string next);

    [LoggerMessage(211, LogLevel.Warning, "The eviction policy of Redis at {Endpoint} cannot be read; make sure that maxmemory-policy is "
        + "noeviction, because an evicted profile is lost without a trace. {Reason}")]
    public static partial void EvictionPolicyUnknown(this ILogger log, string endpoint, string reason);

    [LoggerMessage(212, LogLevel.Warning, "Redis is connected but answers no reads within {LimitMs} ms (Redis:ReadTimeoutMs). Payments are "
        + "scored without history (MISSING_FEATURES) and do not wait, until Redis answers a probe in time")]
    public static partial void RedisReadsSkipped(this ILogger log, double limitMs);

    [LoggerMessage(213, LogLevel.Information, "Redis answers reads in time again, after {Duration:c}. Payments are scored with history")]
    public static partial void RedisReadsResumed(this ILogger log, TimeSpan duration);

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

    [LoggerMessage(310, LogLevel.Warning, "Topic {Topic} was deleted and recreated; reading partition {Partition} from offset {To}, its "
        + "beginning. Features keep the payments and labels of the topic before it. If it has these again, they count twice: set another "
        + "Redis:KeyPrefix")]
    public static partial void TopicRecreated(this ILogger log, string topic, int partition, long to);

    [LoggerMessage(330, LogLevel.Warning, "The brokers at {BootstrapServers} do not answer; topics, rights and retention are checked "
        + "when they do")]
    public static partial void TopicsUnchecked(this ILogger log, string bootstrapServers);

    [LoggerMessage(331, LogLevel.Error, "A startup check that waited for Redis or Kafka failed; the service keeps running, but its next "
        + "start would fail. {Fault}")]
    public static partial void StoreFault(this ILogger log, string fault);

    [LoggerMessage(332, LogLevel.Warning, "{Finding}")]
    public static partial void TopicKeepsTooLittle(this ILogger log, string finding);

    [LoggerMessage(333, LogLevel.Warning, "The settings of topic {Topic} cannot be read, so its compaction and retention are not "
        + "checked; allow this user to DescribeConfigs. {Reason}")]
    public static partial void TopicSettingsUnknown(this ILogger log, string topic, string reason);

    [LoggerMessage(334, LogLevel.Warning, "Topic {Topic} has records without a key. They are applied, but one card's records may then "
        + "be in several partitions, which causes write conflicts and loses their order. Key them by card token. Further ones are only "
        + "counted (fraud_records_without_key_total)")]
    public static partial void RecordWithoutKey(this ILogger log, string topic);

    [LoggerMessage(335, LogLevel.Warning, "The brokers do not say {Checked}, so that is not checked. {Reason}")]
    public static partial void BrokersDoNotSay(this ILogger log, string @checked, string reason);

    // 4xx: decisions, dead letters and parked labels

    [LoggerMessage(400, LogLevel.Error, "Scoring a payment of a stream failed; the payment is answered with INTERNAL and the stream "
        + "continues. Report this as a bug")]
    public static partial void StreamPaymentFailed(this ILogger log, Exception exception);

    [LoggerMessage(401, LogLevel.Error, "Lost a decision: it was not delivered to topic {Topic}. Further losses within 10 s are only "
        + "counted (fraud_decisions_dropped_total). {Reason}")]
    public static partial void DecisionNotDelivered(this ILogger log, string topic, string reason);

    [LoggerMessage(402, LogLevel.Error, "Lost a decision: it could not be serialized as a Kafka record. Report this "
        + "as a bug")]
    public static partial void DecisionNotWritten(this ILogger log, Exception exception);

    [LoggerMessage(403, LogLevel.Error, "The Kafka producer of topic {Topic} does not deliver and was replaced by a new one, "
        + "which sends its records again. Further replacements within 10 s are not logged. Check that the topic exists and that this user "
        + "may write it. {Reason}")]
    public static partial void DecisionClientReplaced(this ILogger log, string topic, string reason);

    [LoggerMessage(404, LogLevel.Information, "Delivered all decisions to topic {Topic} before the service stopped")]
    public static partial void DecisionsDrained(this ILogger log, string topic);

    [LoggerMessage(405, LogLevel.Error, "Lost {Count} decisions for topic {Topic} at shutdown: they could be neither delivered "
        + "within {Seconds} s nor stored. If the brokers are healthy, raise Kafka:DrainTimeoutSeconds; a spool with free space keeps them")]
    public static partial void DecisionsLost(this ILogger log, long count, string topic, int seconds);

    [LoggerMessage(406, LogLevel.Error, "Delivering records to topic {Topic} failed unexpectedly; continuing in {Pause:s'.'ff} s. Report "
        + "this as a bug")]
    public static partial void OutboxFailed(this ILogger log, string topic, TimeSpan pause, Exception exception);

    [LoggerMessage(407, LogLevel.Error, "Lost {Count} decisions for topic {Topic} when the process was killed: they were answered, but "
        + "neither delivered nor stored. Spool:Mode was {Mode}; with Acknowledge, a kill loses none")]
    public static partial void DecisionsLostInCrash(this ILogger log, long count, string topic, object mode);

    [LoggerMessage(408, LogLevel.Warning, "Stopped with {Count} decisions for topic {Topic} in the spool. They are delivered after the "
        + "next start with the same Spool:Folder and topic, unless Spool:Mode is Off")]
    public static partial void DecisionsSpooled(this ILogger log, long count, string topic);

    [LoggerMessage(409, LogLevel.Warning, "The process was killed before {Count} decisions for topic {Topic} were stored. None is lost: "
        + "Spool:Mode was Acknowledge, so their payments got no answer, UNAVAILABLE, or the degradation UNRECORDED")]
    public static partial void DecisionsUnansweredInCrash(this ILogger log, long count, string topic);

    [LoggerMessage(410, LogLevel.Warning, "Sending record {Topic}[{Partition}]@{Offset} to its dead-letter topic: {Reason}")]
    public static partial void DeadLetter(this ILogger log, string topic, int partition, long offset, string reason);

    [LoggerMessage(411, LogLevel.Error, "Delivering a dead letter to topic {Topic} failed ({Failures} in a row); retrying in "
        + "{Pause:s'.'ff} s. Its consumer waits for at most Kafka:DeadLetterAttempts attempts. {Reason}")]
    public static partial void DeadLetterRetried(this ILogger log, string topic, int failures, TimeSpan pause, string reason);

    [LoggerMessage(412, LogLevel.Warning, "Publishing a parked label to topic {Topic} failed; retrying in {Pause:%s} s. The consumer "
        + "or search that found its payment waits. Check the brokers and this user's right to write the topic. {Reason}")]
    public static partial void LabelRetried(this ILogger log, string topic, TimeSpan pause, string reason);

    [LoggerMessage(413, LogLevel.Error, "Record {Topic}[{Partition}]@{Offset} cannot be used and could not be written to dead-letter topic "
        + "{DeadLetterTopic}; consumption continues without it. Read it at its offset while the topic still has it. Create the dead-letter "
        + "topic, or allow this user to write it. {Reason}")]
    public static partial void DeadLetterGivenUp(
        this ILogger log, string topic, int partition, long offset, string deadLetterTopic, string reason);

    [LoggerMessage(414, LogLevel.Information, "Searched topic {Topic} for the payments of {Count} labels without tokens in {Elapsed:c}; "
        + "found those of {Found}. The others go to the dead-letter topic unless their transaction arrives within "
        + "Kafka:ParkedLabelHours")]
    public static partial void LabelsSearched(this ILogger log, string topic, int count, TimeSpan elapsed, int found);

    [LoggerMessage(415, LogLevel.Warning, "Searching topic {Topic} for the payments of labels without tokens failed; the labels wait, and "
        + "the search starts again in {Pause:c}. {Reason}")]
    public static partial void LabelSearchFailed(this ILogger log, string topic, TimeSpan pause, string reason);

    [LoggerMessage(416, LogLevel.Warning, "Record {Topic}[{Partition}]@{Offset} cannot be used. Its dead-letter topic {DeadLetterTopic} "
        + "cannot be written, so it waits in the spool. Create the topic, or allow this user to write it. {Reason}")]
    public static partial void DeadLetterKept(
        this ILogger log, string topic, int partition, long offset, string deadLetterTopic, string reason);

    [LoggerMessage(417, LogLevel.Error, "Lost a dead letter: topic {Topic} refuses it. An earlier event 416 names its record; read that at "
        + "its offset. {Reason}")]
    public static partial void DeadLetterRefused(this ILogger log, string topic, string reason);

    [LoggerMessage(420, LogLevel.Warning, "Spool:Mode is Off: decisions that Kafka has not acknowledged are lost when the process is "
        + "killed. Set Spool:Folder, and leave Spool:Mode unset, to keep them on disk")]
    public static partial void SpoolOff(this ILogger log);

    [LoggerMessage(421, LogLevel.Warning, "Found {Count} records for topic {Topic} in the spool; delivering them before new ones")]
    public static partial void SpoolHasRecords(this ILogger log, long count, string topic);

    [LoggerMessage(422, LogLevel.Warning, "Kafka does not acknowledge records for topic {Topic} in time: {InFlight} are in flight, the "
        + "oldest for {Age:s'.'ff} s. New records go to the spool until Kafka has caught up")]
    public static partial void OutageBegan(this ILogger log, string topic, int inFlight, TimeSpan age);

    [LoggerMessage(423, LogLevel.Information, "Kafka acknowledges records for topic {Topic} again; all records of the spool are on their "
        + "way")]
    public static partial void OutageEnded(this ILogger log, string topic);

    [LoggerMessage(424, LogLevel.Error, "The spool {Path} takes no records ({Share:P0} of its space is used): {Reason}. Spool:WhenFull is "
        + "{WhenFull}. It empties once Kafka takes its records; otherwise raise Spool:MaxSizeMiB or the disk space")]
    public static partial void SpoolFull(this ILogger log, string path, double share, object whenFull, string reason);

    [LoggerMessage(425, LogLevel.Information, "The spool {Path} takes records again ({Share:P0} of its space is used)")]
    public static partial void SpoolAccepts(this ILogger log, string path, double share);

    [LoggerMessage(426, LogLevel.Error, "Lost {Count} records: the spool {Path} was full and its oldest records were deleted "
        + "(Spool:WhenFull is DropOldest). Restore Kafka, or raise Spool:MaxSizeMiB")]
    public static partial void SpoolDroppedOldest(this ILogger log, long count, string path);

    [LoggerMessage(427, LogLevel.Error, "The spool {Path} was damaged. It was moved to {Aside} and replaced; {Intact} intact records were "
        + "recovered, and {Damaged} are known to be lost. Delete {Aside} once it is no longer of use. {Reason}")]
    public static partial void SpoolCorrupt(this ILogger log, string path, string aside, long intact, long damaged, string reason);

    [LoggerMessage(429, LogLevel.Error, "The spool {Path} is damaged and could not be replaced; nothing in it is delivered until it is. "
        + "Trying again in {Pause:%s} s. Check the space and the permissions of its folder. {Reason}")]
    public static partial void SpoolNotRecovered(this ILogger log, string path, TimeSpan pause, string reason);

    [LoggerMessage(430, LogLevel.Error, "Storing the last records for topic {Topic} failed unexpectedly; what is in neither Kafka nor the "
        + "spool is lost and counted. Report this as a bug")]
    public static partial void OutboxStopFailed(this ILogger log, string topic, Exception exception);

    [LoggerMessage(431, LogLevel.Error, "The Kafka producer of topic {Topic} could not be created again; retrying every 0.5 s, logged at "
        + "most every 10 s. Records wait in the spool, or in memory without one. Check the files that Kafka:Ssl... name, and the limits of "
        + "threads and memory. {Reason}")]
    public static partial void DecisionClientNotCreated(this ILogger log, string topic, string reason);

    [LoggerMessage(432, LogLevel.Error, "The spool {Path} has {Count} records for topic {Topic} that are not delivered: Spool:Mode is "
        + "{Mode}, or no topic of section Kafka has that name any more. Start the service with that topic and another Spool:Mode than Off "
        + "until fraud_spool_records is 0. If the records are not needed, delete the file and its -wal")]
    public static partial void SpoolUnused(this ILogger log, string path, long count, string topic, object mode);

    [LoggerMessage(428, LogLevel.Error, "Lost record {Seq} of the spool of topic {Topic}: it is sealed with another key than that of "
        + "Spool:KeyFile, or was changed")]
    public static partial void SpoolRecordUnreadable(this ILogger log, long seq, string topic);

    // 5xx: models and registry

    [LoggerMessage(340, LogLevel.Information, "Replaced the exchange rates of {Folder} with {RatesHash}")]
    public static partial void RatesReplaced(this ILogger log, string folder, string ratesHash);

    [LoggerMessage(341, LogLevel.Error, "Refused the exchange rates of {Folder}; the current ones stay in force. {Faults}")]
    public static partial void RatesRefused(this ILogger log, string folder, string faults);

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

    [LoggerMessage(703, LogLevel.Error, "The erasures of topic {Topic} cannot be read; reading again in {Pause:%s} s. Until they were "
        + "read once, no transaction or label is applied and no decision leaves the spool; after that, new erasures are missed. Check the "
        + "brokers and this user's right to read. {Reason}")]
    public static partial void ErasuresUnread(this ILogger log, string topic, TimeSpan pause, string reason);

    [LoggerMessage(704, LogLevel.Error, "Skipped topic {Topic} partition {Partition} offset {Offset}: it is not an ErasureEvent. {Reason}")]
    public static partial void ErasureInvalid(this ILogger log, string topic, int partition, long offset, string reason);

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
