using FraudScoring.Core.Decisions;
using Prometheus;

namespace FraudScoring.Server.Monitoring;

/// <summary>Every metric of the service. Names, kinds and labels are frozen in tests/Approved/metrics.txt.</summary>
internal static class ServerMetrics
{
    private static readonly double[] LatencyBuckets =
        [10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3, 200e-3, 500e-3, 1];

    private static readonly double[] VisibleBuckets =
    [
        1e-3, 2e-3, 5e-3, 10e-3, 15e-3, 20e-3, 30e-3, 40e-3, 50e-3, 75e-3, 100e-3, 150e-3, 200e-3, 300e-3, 500e-3, 1, 2, 5, 10, 30, 60, 300,
        3600,
    ];

    private static readonly double[] IngestBuckets =
        [10e-6, 50e-6, 100e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3, 200e-3, 500e-3, 1, 5, 10, 30, 60];

    private static readonly double[] InferenceBuckets =
        [1e-6, 2e-6, 5e-6, 10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3];

    /// <summary>Time to score a payment, from the arrival of the request to the written reply; seconds.</summary>
    public static readonly Histogram ScoreSeconds = Metrics.CreateHistogram(
        "fraud_score_seconds", "Time to score a payment, from request to reply.", new HistogramConfiguration { Buckets = LatencyBuckets });

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

    /// <summary>Requests refused because of their content.</summary>
    public static readonly Counter InvalidRequests = Metrics.CreateCounter(
        "fraud_invalid_requests_total", "Requests refused with INVALID_ARGUMENT.");

    /// <summary>Reads of profiles that failed when a payment was scored, by reason: not_connected, timeout, error.</summary>
    public static readonly Counter FeatureReadFailures = Metrics.CreateCounter(
        "fraud_feature_read_failures_total", "Reads of profiles from Redis that failed when a payment was scored.", "reason");

    /// <summary>
    /// Profiles requested when a payment was scored, by entity and outcome: found, unknown (the entity has no history), missing (the
    /// profile could not be read, so its features were missing).
    /// </summary>
    public static readonly Counter ProfilesRead = Metrics.CreateCounter(
        "fraud_profiles_read_total", "Profiles requested when a payment was scored.", "entity", "outcome");

    /// <summary>Stored profiles that were refused, by reason: corrupt, newer_version.</summary>
    public static readonly Counter ProfileFaults = Metrics.CreateCounter(
        "fraud_profile_faults_total", "Stored profiles that were refused.", "reason");

    /// <summary>Corrupt profiles that were rebuilt from the Kafka log.</summary>
    public static readonly Counter ProfilesRepaired = Metrics.CreateCounter(
        "fraud_profiles_repaired_total", "Corrupt profiles that were rebuilt from the Kafka log.");

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

    /// <summary>Labels without tokens that were parked until their transaction arrives.</summary>
    public static readonly Counter LabelsParked = Metrics.CreateCounter(
        "fraud_labels_parked_total", "Labels without tokens that were parked until their transaction arrives.");

    /// <summary>Rewinds of partitions to an earlier offset because Redis had lost data, by topic.</summary>
    public static readonly Counter Rewinds = Metrics.CreateCounter(
        "fraud_rewinds_total", "Rewinds of partitions to an earlier offset because Redis had lost data.", "topic");

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

    /// <summary>Decisions lost, by reason: queue_full, stopping, unwritable, too_large, timed_out, refused, client_broken.</summary>
    public static readonly Counter DecisionsDropped = Metrics.CreateCounter(
        "fraud_decisions_dropped_total", "Decisions that were lost before they reached Kafka.", "reason");

    /// <summary>Decisions accepted and neither acknowledged nor dropped yet.</summary>
    public static readonly Gauge DecisionQueueDepth = Metrics.CreateGauge(
        "fraud_decision_queue_depth", "Decisions accepted for Kafka and not acknowledged yet.");

    /// <summary>Records sent to a dead-letter topic, by the topic they came from and the kind of fault.</summary>
    public static readonly Counter DeadLetters = Metrics.CreateCounter(
        "fraud_dead_letters_total", "Records sent to a dead-letter topic.", "topic", "reason");

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
    /// Payments answered without a model's score, by reason: no_model, no_time, quarantined, run_failed, out_of_range, queue_full,
    /// deadline_missed, cancelled, stopped.
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
