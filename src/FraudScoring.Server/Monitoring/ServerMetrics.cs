using FraudScoring.Core.Decisions;
using Prometheus;

namespace FraudScoring.Server.Monitoring;

/// <summary>Every metric of the service. Names, kinds and labels are frozen in tests/Approved/metrics.txt.</summary>
internal static class ServerMetrics
{
    private static readonly double[] LatencyBuckets =
        [10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3, 200e-3, 500e-3, 1];

    // Fine around the target of accepted payments (25 ms) and the budget (100 ms).
    private static readonly double[] RequestBuckets =
    [
        200e-6, 500e-6, 1e-3, 1.5e-3, 2e-3, 3e-3, 5e-3, 7.5e-3, 10e-3, 12.5e-3, 15e-3, 17.5e-3, 20e-3, 22.5e-3, 25e-3, 30e-3, 35e-3, 40e-3,
        50e-3, 60e-3, 75e-3, 100e-3, 150e-3, 200e-3, 500e-3, 1,
    ];

    private static readonly double[] VisibleBuckets =
    [
        1e-3, 2e-3, 5e-3, 10e-3, 15e-3, 20e-3, 30e-3, 40e-3, 50e-3, 75e-3, 100e-3, 150e-3, 200e-3, 300e-3, 500e-3, 1, 2, 5, 10, 30, 60, 300,
        3600,
    ];

    private static readonly double[] IngestBuckets =
        [10e-6, 50e-6, 100e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3, 200e-3, 500e-3, 1, 5, 10, 30, 60];

    private static readonly double[] InferenceBuckets =
        [1e-6, 2e-6, 5e-6, 10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3];

    /// <summary>Time from the arrival of a request for a payment at the connection to the last byte of its answer; seconds.</summary>
    public static readonly Histogram RequestSeconds = Metrics.CreateHistogram(
        "fraud_request_seconds", "Time of an answered payment, from the arrival of its request to the last byte of the answer.",
        new HistogramConfiguration { Buckets = RequestBuckets });

    /// <summary>Time from the arrival of a request at the connection until a thread takes it; seconds. Includes refused requests.</summary>
    public static readonly Histogram WaitSeconds = Metrics.CreateHistogram(
        "fraud_wait_seconds", "Time that requests waited for a thread, refused ones included.",
        new HistogramConfiguration { Buckets = LatencyBuckets });

    /// <summary>
    /// Requests refused because of load, by class (payment, other) and reason: wait (overloaded, and waited too long), in_flight (too many
    /// payments were being scored), deadline (less time was left than payments take), expired (time ran out while the payment was scored,
    /// or the caller left because of it), caller_deadline (as deadline or expired, but the caller had allowed less than Scoring:BudgetMs),
    /// model_queue (too many payments waited for the model's device).
    /// </summary>
    public static readonly Counter Shed = Metrics.CreateCounter(
        "fraud_shed_total", "Requests refused because of load.", "class", "reason");

    /// <summary>Payments that were not decided because their caller left before the time was over.</summary>
    public static readonly Counter CancelledPayments = Metrics.CreateCounter(
        "fraud_cancelled_payments_total", "Payments that were not decided because their caller left before the time was over.");

    /// <summary>Answers whose caller had left when they were written. Their decisions are published all the same.</summary>
    public static readonly Counter UndeliveredAnswers = Metrics.CreateCounter(
        "fraud_undelivered_answers_total", "Answers whose caller had left when they were written.");

    /// <summary>
    /// Payments that were not answered because of a fault of the service, by reason: not_recorded (Spool:WhenFull is Refuse, and the
    /// decision could not be recorded), internal_error (a bug).
    /// </summary>
    public static readonly Counter FailedPayments = Metrics.CreateCounter(
        "fraud_failed_payments_total", "Payments that were not answered because of a fault of the service.", "reason");

    /// <summary>1 while the service is overloaded: requests arrive faster than they are answered, and some are refused.</summary>
    public static readonly Gauge Overloaded = Metrics.CreateGauge(
        "fraud_overloaded", "1 while requests arrive faster than they are answered.");

    /// <summary>Payments that are being scored.</summary>
    public static readonly Gauge InFlight = Metrics.CreateGauge("fraud_payments_in_flight", "Payments that are being scored.");

    /// <summary>Payments answered without the contributions that were due, because the service was overloaded.</summary>
    public static readonly Counter ExplanationsSkipped = Metrics.CreateCounter(
        "fraud_explanations_skipped_total", "Payments answered without the contributions that were due, because of overload.");

    /// <summary>Time to score a payment, by stage; seconds.</summary>
    public static readonly Histogram StageSeconds = Metrics.CreateHistogram(
        "fraud_stage_seconds", "Time to score a payment, by stage.",
        new HistogramConfiguration { Buckets = LatencyBuckets, LabelNames = ["stage"] });

    /// <summary>Decisions made, by decision; indexed by its number.</summary>
    public static readonly Counter.Child[] Decisions = Children<Decision>(
        Metrics.CreateCounter("fraud_decisions_total", "Decisions made.", "decision"));

    /// <summary>Decisions by degradation; indexed by its number.</summary>
    public static readonly Counter.Child[] Degradations = Children<Degradation>(
        Metrics.CreateCounter("fraud_degradations_total", "Decisions by what was missing when they were made.", "degradation"));

    /// <summary>
    /// Requests whose transaction id had been scored or was being scored, by outcome: replayed (got the stored answer), shared (got the
    /// answer of the run in progress), conflicting (refused because of other fields).
    /// </summary>
    public static readonly Counter RepeatedRequests = Metrics.CreateCounter(
        "fraud_repeated_requests_total", "Requests whose transaction id had been scored or was being scored.", "outcome");

    /// <summary>Requests refused because of their content.</summary>
    public static readonly Counter InvalidRequests = Metrics.CreateCounter(
        "fraud_invalid_requests_total", "Requests refused with INVALID_ARGUMENT.");

    /// <summary>Value of the label path: a payment to score.</summary>
    public const string ScoredPath = "score";

    /// <summary>Value of the label path: a transaction read from Kafka.</summary>
    public const string ConsumedPath = "history";

    /// <summary>Payments whose currency had no exchange rate, by currency (ISO 4217) and path: score, history.</summary>
    public static readonly Counter PaymentsWithoutRate = Metrics.CreateCounter(
        "fraud_payments_without_rate_total", "Payments whose amount is unknown, because its currency had no exchange rate.", "currency",
        "path");

    /// <summary>
    /// Reads of profiles that failed when a payment was scored, by reason: not_connected, other_secret, timeout, error, breaker_open (Redis
    /// answered none before, so this one was not sent), not_counted (Redis answered, but has refused to record the score request).
    /// </summary>
    public static readonly Counter FeatureReadFailures = Metrics.CreateCounter(
        "fraud_feature_read_failures_total", "Reads of profiles from Redis that failed when a payment was scored.", "reason");

    /// <summary>
    /// 1 while payments are scored without history because Redis is connected but answers no reads in time; on a cluster, while one of its
    /// nodes does not.
    /// </summary>
    public static readonly Gauge RedisBreakerOpen = Metrics.CreateGauge(
        "fraud_redis_breaker_open", "1 while reads of profiles are skipped because Redis does not answer in time.");

    /// <summary>
    /// Profiles requested when a payment was scored, by entity and outcome: found, unknown (the entity has no history), missing (the
    /// profile could not be read, so its features were missing).
    /// </summary>
    public static readonly Counter ProfilesRead = Metrics.CreateCounter(
        "fraud_profiles_read_total", "Profiles requested when a payment was scored.", "entity", "outcome");

    /// <summary>
    /// 1 while the profiles in Redis are those of another Redis:EntityHashSecret: this instance then applies no records and reads no
    /// history.
    /// </summary>
    public static readonly Gauge OtherSecret = Metrics.CreateGauge(
        "fraud_other_secret", "1 while the profiles in Redis are those of another Redis:EntityHashSecret.");

    /// <summary>Stored profiles that were refused, by reason: corrupt, newer_version.</summary>
    public static readonly Counter ProfileFaults = Metrics.CreateCounter(
        "fraud_profile_faults_total", "Stored profiles that were refused.", "reason");

    /// <summary>Corrupt profiles that were rebuilt from the Kafka log.</summary>
    public static readonly Counter ProfilesRepaired = Metrics.CreateCounter(
        "fraud_profiles_repaired_total", "Corrupt profiles that were rebuilt from the Kafka log.");

    /// <summary>
    /// Corrupt profiles that were rebuilt from a log that no longer has all records of their windows. They may count too little until the
    /// windows have passed.
    /// </summary>
    public static readonly Counter ProfileRepairsIncomplete = Metrics.CreateCounter(
        "fraud_profile_repairs_incomplete_total",
        "Corrupt profiles that were rebuilt from a log that no longer has all records of their windows.");

    /// <summary>
    /// Attempts to rebuild a corrupt profile that failed, by reason: missing_records (the topics no longer have records that Redis has
    /// applied), kafka (brokers did not answer).
    /// </summary>
    public static readonly Counter ProfileRepairsFailed = Metrics.CreateCounter(
        "fraud_profile_repairs_failed_total", "Attempts to rebuild a corrupt profile that failed.", "reason");

    /// <summary>
    /// Labels without tokens that a rebuild of profiles dropped, because it keeps a limited number of those whose transaction is not read
    /// yet.
    /// </summary>
    public static readonly Counter RepairLabelsDropped = Metrics.CreateCounter(
        "fraud_repair_labels_dropped_total", "Labels without tokens that a rebuild of profiles dropped before their transaction was read.");

    /// <summary>Model runs without a valid answer, by reason: run_failed, out_of_range.</summary>
    public static readonly Counter ModelFailures = Metrics.CreateCounter(
        "fraud_model_failures_total", "Model runs without a valid answer.", "reason");

    /// <summary>
    /// 1 if the active decision policy is not the one the champion was trained with. Set at the start and when the registry changes.
    /// </summary>
    public static readonly Gauge PolicyDiffers = Metrics.CreateGauge(
        "fraud_policy_differs", "1 if the active decision policy is not the one the champion was trained with.");

    /// <summary>Kafka records applied to profiles, by topic.</summary>
    public static readonly Counter EventsApplied = Metrics.CreateCounter(
        "fraud_events_applied_total", "Kafka records applied to profiles.", "topic");

    /// <summary>Records skipped because another record had already claimed the same payment or label, by topic.</summary>
    public static readonly Counter DuplicateEvents = Metrics.CreateCounter(
        "fraud_duplicate_events_total",
        "Records skipped because another record had already claimed the same payment or label.", "topic");

    /// <summary>
    /// Payments published again after Redis:TransactionHorizonMinutes that a profile still knew, by topic. Profiles that no longer did have
    /// counted them twice.
    /// </summary>
    public static readonly Counter LateCopies = Metrics.CreateCounter(
        "fraud_late_duplicate_events_total", "Payments published again after the horizon that a profile still knew.", "topic");

    /// <summary>Labels without tokens that were parked until their transaction arrives or is found.</summary>
    public static readonly Counter LabelsParked = Metrics.CreateCounter(
        "fraud_labels_parked_total", "Labels without tokens that were parked until their transaction arrives or is found.");

    /// <summary>Searches of the topic of transactions for the payments of parked labels, by outcome: completed, failed.</summary>
    public static readonly Counter LabelSearches = Metrics.CreateCounter(
        "fraud_label_searches_total", "Searches of the topic of transactions for the payments of parked labels.", "outcome");

    /// <summary>Records that searches for the payments of parked labels have read.</summary>
    public static readonly Counter LabelSearchRecords = Metrics.CreateCounter(
        "fraud_label_search_records_total", "Records that searches for the payments of parked labels have read.");

    /// <summary>Parked labels whose payment was searched in the topic of transactions, by outcome: found, not_found.</summary>
    public static readonly Counter SearchedLabels = Metrics.CreateCounter(
        "fraud_searched_labels_total", "Parked labels whose payment was searched in the topic of transactions.", "outcome");

    /// <summary>Parked labels whose payment is still to be searched; 0 except on the instance that searches.</summary>
    public static readonly Gauge LabelsToSearch = Metrics.CreateGauge(
        "fraud_labels_to_search", "Parked labels whose payment is still to be searched; 0 except on the instance that searches.");

    /// <summary>Rewinds of partitions to an earlier offset because Redis had lost data, by topic.</summary>
    public static readonly Counter Rewinds = Metrics.CreateCounter(
        "fraud_rewinds_total", "Rewinds of partitions to an earlier offset because Redis had lost data.", "topic");

    /// <summary>Time since all records of a partition that existed were applied to the profiles, by topic and partition; seconds.</summary>
    public static readonly Gauge StreamLag = Metrics.CreateGauge(
        "fraud_stream_lag_seconds", "Time since all records of a partition that existed were applied to the profiles.", "topic",
        "partition");

    /// <summary>
    /// The latest time such that all records of a partition that existed then are applied, by topic and partition; seconds since the Unix
    /// epoch, by Redis's clock.
    /// </summary>
    public static readonly Gauge StreamAppliedUntil = Metrics.CreateGauge(
        "fraud_stream_applied_until_timestamp_seconds",
        "The latest time such that all records of a partition that existed then are applied.", "topic", "partition");

    /// <summary>Records not applied yet, by topic and partition. Only the instance that reads a partition has its series.</summary>
    public static readonly Gauge StreamRemaining = Metrics.CreateGauge(
        "fraud_stream_remaining_records", "Records not applied yet.", "topic", "partition");

    /// <summary>
    /// How much of the catalogue's longest window the profiles do not cover because Redis and Kafka lost the records; seconds. Falls to 0
    /// as the windows leave the gap behind.
    /// </summary>
    public static readonly Gauge HistoryMissing = Metrics.CreateGauge(
        "fraud_history_missing_seconds", "How much of the longest window the profiles do not cover because of a loss.");

    /// <summary>
    /// When the history of transactions begins, if their log began late; seconds since the Unix epoch. 0 if it has its beginning.
    /// </summary>
    public static readonly Gauge HistorySince = Metrics.CreateGauge(
        "fraud_history_since_timestamp_seconds", "When the history of transactions begins, if their log began late; 0 otherwise.");

    /// <summary>Transactions that parked labels wait for, up to 16 labels each; the same on all instances.</summary>
    public static readonly Gauge ParkedLabels = Metrics.CreateGauge(
        "fraud_parked_labels", "Transactions that parked labels wait for, up to 16 labels each.");

    /// <summary>Records that the next catalogue's profiles still lack; 0 if there is no next catalogue.</summary>
    public static readonly Gauge BackfillRemaining = Metrics.CreateGauge(
        "fraud_backfill_remaining_records", "Records that the next catalogue's profiles still lack.");

    /// <summary>Switches to the next catalogue.</summary>
    public static readonly Counter CatalogueSwitches = Metrics.CreateCounter(
        "fraud_catalogue_switches_total", "Switches to the next catalogue.");

    /// <summary>Time from a record's Kafka timestamp until it is in all profiles, by topic; seconds.</summary>
    public static readonly Histogram EventVisibleSeconds = Metrics.CreateHistogram(
        "fraud_event_visible_seconds", "Time from a record's Kafka timestamp until it is in all profiles.",
        new HistogramConfiguration { Buckets = VisibleBuckets, LabelNames = ["topic"] });

    /// <summary>Time of a batch of records by topic and stage; seconds.</summary>
    public static readonly Histogram IngestStageSeconds = Metrics.CreateHistogram(
        "fraud_ingest_stage_seconds", "Time of a batch of records by stage.",
        new HistogramConfiguration { Buckets = IngestBuckets, LabelNames = ["topic", "stage"] });

    /// <summary>Buckets whose write failed the compare-and-set because another instance changed a profile; retried.</summary>
    public static readonly Counter ProfileConflicts = Metrics.CreateCounter(
        "fraud_profile_conflicts_total", "Profile updates that failed the compare-and-set and were retried.");

    /// <summary>Redis commands of the consumers that failed and were retried.</summary>
    public static readonly Counter ProfileWriteFailures = Metrics.CreateCounter(
        "fraud_profile_write_failures_total", "Redis commands of the consumers that failed and were retried.");

    /// <summary>Size of written profiles, by entity; bytes.</summary>
    public static readonly Histogram ProfileBytes = Metrics.CreateHistogram(
        "fraud_profile_bytes", "Size of written profiles.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(64, 2, 10), LabelNames = ["entity"] });

    /// <summary>Decisions a broker has acknowledged.</summary>
    public static readonly Counter DecisionsPublished = Metrics.CreateCounter(
        "fraud_decisions_published_total", "Decisions delivered to Kafka and acknowledged.");

    /// <summary>
    /// Decisions lost, by reason: queue_full, spool_full, dropped_oldest (from a full spool), damaged (in the spool), crash (found at the
    /// next start), stopping, unwritable, too_large, timed_out, refused.
    /// </summary>
    public static readonly Counter DecisionsDropped = Metrics.CreateCounter(
        "fraud_decisions_dropped_total", "Decisions that were lost before they reached Kafka.", "reason");

    /// <summary>Decisions accepted and neither acknowledged nor dropped yet.</summary>
    public static readonly Gauge DecisionQueueDepth = Metrics.CreateGauge(
        "fraud_decision_queue_depth", "Decisions accepted for Kafka and not acknowledged yet.");

    /// <summary>Records that left the spool because their payer was erased, by the topic they were for.</summary>
    public static readonly Counter SpoolErased = Metrics.CreateCounter(
        "fraud_spool_erased_total", "Records that left the spool because their payer was erased.", "topic");

    /// <summary>Records in the spool, by the topic they are for.</summary>
    public static readonly Gauge SpoolRecords = Metrics.CreateGauge("fraud_spool_records", "Records in the spool.", "topic");

    /// <summary>Disk space that the spool's records take, by topic; bytes.</summary>
    public static readonly Gauge SpoolBytes = Metrics.CreateGauge(
        "fraud_spool_bytes", "Disk space that the records in the spool take.", "topic");

    /// <summary>Maximum size of a spool; bytes. 0 without a spool.</summary>
    public static readonly Gauge SpoolMaxBytes = Metrics.CreateGauge("fraud_spool_max_bytes", "Maximum size of a spool.");

    /// <summary>1 while the spool takes no records, because its size limit is reached or its disk fails; by topic.</summary>
    public static readonly Gauge SpoolFull = Metrics.CreateGauge("fraud_spool_full", "1 while the spool takes no records.", "topic");

    /// <summary>Spool files that were corrupt and were replaced, by topic.</summary>
    public static readonly Counter SpoolCorruptions = Metrics.CreateCounter(
        "fraud_spool_corruptions_total", "Spool files that were corrupt and were replaced.", "topic");

    /// <summary>1 while Kafka does not acknowledge records in time and they go to the spool, by topic.</summary>
    public static readonly Gauge OutboxOutage = Metrics.CreateGauge(
        "fraud_spool_outage", "1 while Kafka does not acknowledge records in time and they go to the spool.", "topic");

    /// <summary>Unexpected exceptions in the delivery of records to Kafka; it went on after each. By topic.</summary>
    public static readonly Counter OutboxFailures = Metrics.CreateCounter(
        "fraud_delivery_failures_total", "Unexpected exceptions in the delivery of records to Kafka.", "topic");

    /// <summary>Records sent to a dead-letter topic, by the topic they came from and the kind of fault.</summary>
    public static readonly Counter DeadLetters = Metrics.CreateCounter(
        "fraud_dead_letters_total", "Records sent to a dead-letter topic.", "topic", "reason");

    /// <summary>Dead letters that could not be delivered, by the topic their records came from.</summary>
    public static readonly Counter DeadLettersFailed = Metrics.CreateCounter(
        "fraud_dead_letters_failed_total", "Records that cannot be used and could not be written to their dead-letter topic.", "topic");

    /// <summary>Dead letters in the spool, by the topic their records came from.</summary>
    public static readonly Gauge DeadLettersWaiting = Metrics.CreateGauge(
        "fraud_dead_letters_waiting", "Dead letters in the spool, because their dead-letter topic cannot be written.", "topic");

    /// <summary>Records without a value, which are skipped, by topic.</summary>
    public static readonly Counter Tombstones = Metrics.CreateCounter(
        "fraud_tombstones_total", "Records without a value, which are skipped.", "topic");

    /// <summary>Records without a key, which are applied all the same, by topic.</summary>
    public static readonly Counter RecordsWithoutKey = Metrics.CreateCounter(
        "fraud_records_without_key_total", "Records without a key, which are applied all the same.", "topic");

    /// <summary>
    /// Time of a model's runs by phase (queue, input, infer, output), model, version and device; seconds. See <see cref="ModelMetrics"/>.
    /// </summary>
    public static readonly Histogram InferenceSeconds = Metrics.CreateHistogram(
        "fraud_inference_seconds", "Time of a model's runs, by phase.",
        new HistogramConfiguration { Buckets = InferenceBuckets, LabelNames = ["phase", "model", "version", "device"] });

    /// <summary>Rows per batch of a model on a device.</summary>
    public static readonly Histogram InferenceBatchRows = Metrics.CreateHistogram(
        "fraud_inference_batch_rows", "Rows per batch of a model.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1, 2, 13), LabelNames = ["model", "version", "device"] });

    /// <summary>Requests that waited for a device when the last batch ended.</summary>
    public static readonly Gauge InferenceQueueLength = Metrics.CreateGauge(
        "fraud_inference_queue_length", "Requests that wait for a device.", "model", "version", "device");

    /// <summary>
    /// Payments answered without a model's score, by reason: no_model, quarantined, run_failed, out_of_range, stopped.
    /// </summary>
    public static readonly Counter InferenceFallbacks = Metrics.CreateCounter(
        "fraud_inference_fallbacks_total", "Payments answered without a model's score.", "reason");

    /// <summary>1 while a device runs a model, 0 while the CPU runs it instead.</summary>
    public static readonly Gauge DeviceUp = Metrics.CreateGauge(
        "fraud_device_up", "1 while a device runs a model, 0 while the CPU runs it instead.", "device", "model", "version");

    /// <summary>Device failures; the CPU took over after each.</summary>
    public static readonly Counter DeviceFailures = Metrics.CreateCounter(
        "fraud_device_failures_total", "Device failures; the CPU took over after each.", "device");

    /// <summary>1 while a model is in quarantine.</summary>
    public static readonly Gauge ModelQuarantined = Metrics.CreateGauge(
        "fraud_model_quarantined", "1 while a model is in quarantine.", "model", "version");

    /// <summary>Times a model entered quarantine.</summary>
    public static readonly Counter ModelQuarantines = Metrics.CreateCounter(
        "fraud_model_quarantines_total", "Times a model entered quarantine.", "model", "version");

    /// <summary>Models that were loaded, unloaded or refused while the service ran, by outcome.</summary>
    public static readonly Counter ModelChanges = Metrics.CreateCounter(
        "fraud_model_changes_total", "Models that were loaded, unloaded or refused while the service ran.", "outcome");

    /// <summary>Loaded models, which requests can name.</summary>
    public static readonly Gauge ModelsLoaded = Metrics.CreateGauge("fraud_models_loaded", "Loaded models, which requests can name.");

    private static Counter.Child[] Children<T>(Counter counter) where T : struct, Enum =>
        [.. Enumerable.Range(0, Convert.ToInt32(Enum.GetValues<T>().Max(), null) + 1).Select(i => counter.WithLabels(NameOf<T>(i)))];

    private static string NameOf<T>(int value) where T : struct, Enum => Enum.GetName(typeof(T), value) is { } name
        ? Core.Payments.SnakeCase.Convert(name)
        : "unspecified";
}
