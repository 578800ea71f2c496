using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Checks what the service needs of the brokers: that its topics exist or are created by the brokers, that its user may read and write
/// them, and that they keep records for as long as features look back. Each fault ends with the command that mends it.
/// </summary>
/// <remarks>
/// Without these checks a missing topic or right shows itself only later: as a consumer that waits, as decisions that time out, or as dead
/// letters that cannot be written.
/// </remarks>
internal sealed class TopicCheck(KafkaClients clients, ErasureTopic erasures, ILogger<TopicCheck> log)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    // Brokers that create topics take up to a second for it.
    private static readonly TimeSpan CreateLimit = TimeSpan.FromSeconds(3), CreatePause = TimeSpan.FromMilliseconds(100);

    private KafkaOptions Options => clients.Options;

    /// <summary>The topics, each with the option that names it and the operations that the service needs.</summary>
    private List<NeededTopic> Topics =>
    [
        new(nameof(Options.TransactionsTopic), Options.TransactionsTopic, [AclOperation.Read]),
        // Parked labels are written back with the tokens of their payment.
        new(nameof(Options.LabelsTopic), Options.LabelsTopic, [AclOperation.Read, AclOperation.Write]),
        new(nameof(Options.DecisionsTopic), Options.DecisionsTopic, [AclOperation.Write]),
        new(nameof(Options.DeadLetterSuffix), Options.DeadLetterTopic(Options.TransactionsTopic), [AclOperation.Write]),
        new(nameof(Options.DeadLetterSuffix), Options.DeadLetterTopic(Options.LabelsTopic), [AclOperation.Write]),
    ];

    /// <summary>Runs all checks.</summary>
    /// <param name="needs">What depends on the catalogues and on other sections.</param>
    /// <param name="faults">Receives every fault. What may be intended is logged as a warning instead.</param>
    /// <returns>False if brokers did not answer; nothing was checked then.</returns>
    public async Task<bool> RunAsync(TopicNeeds needs, Faults faults)
    {
        using var admin = clients.Admin();
        List<NeededTopic> existing;
        try
        {
            // The client blocks the calling thread while it waits for brokers.
            existing = await Task.Run(() => FindTopicsAsync(admin, Topics, faults));
        }
        catch (KafkaException)
        {
            return false;
        }
        if (await AskAsync("what this user may do with the topics", () => CheckRightsAsync(admin, existing, faults)))
        {
            await AskAsync("whether the topic of erasures is compacted", () => CheckErasuresAsync(admin, needs.MayErase, faults));
        }
        await AskAsync("whether this user may use the consumer groups", () => CheckGroupsAsync(admin, needs.Groups, faults));
        await AskAsync("how long the topics keep records",
            () => CheckRetentionAsync(admin, existing, needs, faults));
        return true;
    }

    // Services that speak Kafka's protocol may lack some of its requests.
    private async Task<bool> AskAsync(string question, Func<Task> check)
    {
        try
        {
            await check();
            return true;
        }
        catch (KafkaException e)
        {
            log.BrokersDoNotSay(question, e.Error.Reason);
            return false;
        }
    }

    private async Task CheckErasuresAsync(IAdminClient admin, bool mayErase, Faults faults)
    {
        var topic = new NeededTopic(nameof(Options.ErasuresTopic), Options.ErasuresTopic,
            mayErase ? [AclOperation.Read, AclOperation.Write] : [AclOperation.Read]);
        var found = await erasures.FindAsync(admin);
        if (found == ErrorCode.TopicAuthorizationFailed)
        {
            faults.Add(topic.Field, $"topic {topic.Name} may not be read by this user: {Grant(topic, topic.Needed)}");
        }
        else if (found == ErrorCode.NoError)
        {
            await erasures.CheckCompactionAsync(admin, faults);
            await CheckRightsAsync(admin, [topic], faults);
        }
        else if (mayErase)
        {
            await erasures.CreateAsync(admin, faults);
        }
    }

    /// <summary>Finds the topics; each that is missing is a fault. Brokers that create topics do so when they are asked.</summary>
    private async Task<List<NeededTopic>> FindTopicsAsync(IAdminClient admin, List<NeededTopic> open, Faults faults)
    {
        var found = new List<NeededTopic>();
        for (var waited = TimeSpan.Zero; ; waited += CreatePause)
        {
            foreach (var topic in open.ToList())
            {
                var metadata = admin.GetMetadata(topic.Name, AnswerLimit).Topics.Find(known => known.Topic == topic.Name);
                if (metadata is { Error.Code: ErrorCode.NoError, Partitions.Count: > 0 })
                {
                    found.Add(topic);
                    open.Remove(topic);
                }
                else if (metadata?.Error.Code == ErrorCode.TopicAuthorizationFailed)
                {
                    faults.Add(topic.Field, $"topic {topic.Name} may not be read by this user: {Grant(topic, topic.Needed)}");
                    open.Remove(topic);
                }
            }
            if (open.Count == 0 || waited >= CreateLimit)
            {
                break;
            }
            await Task.Delay(CreatePause);
        }
        foreach (var topic in open)
        {
            faults.Add(topic.Field, $"topic {topic.Name} does not exist, and the brokers do not create it: kafka-topics.sh "
                + $"--bootstrap-server {clients.BootstrapServers} --create --topic {topic.Name} --partitions 4 --replication-factor 3");
        }
        return found;
    }

    private async Task CheckRightsAsync(IAdminClient admin, List<NeededTopic> topics, Faults faults)
    {
        List<TopicDescription> described;
        if (topics.Count == 0)
        {
            return;
        }
        try
        {
            described = (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(topics.Select(topic => topic.Name)),
                new DescribeTopicsOptions { IncludeAuthorizedOperations = true, RequestTimeout = AnswerLimit })).TopicDescriptions;
        }
        catch (DescribeTopicsException e)
        {
            described = e.Results.TopicDescriptions;
        }
        foreach (var topic in topics)
        {
            var allowed = described.Find(description => description.Name == topic.Name)?.AuthorizedOperations;
            if (Missing(topic.Needed, allowed) is { Length: > 0 } missing)
            {
                faults.Add(topic.Field,
                    $"this user may not {string.Join(" or ", missing).ToLowerInvariant()} topic {topic.Name}: {Grant(topic, missing)}");
            }
        }
    }

    private async Task CheckGroupsAsync(IAdminClient admin, IReadOnlyList<string> groups, Faults faults)
    {
        List<ConsumerGroupDescription> described;
        if (groups.Count == 0)
        {
            return;
        }
        try
        {
            described = (await admin.DescribeConsumerGroupsAsync(groups,
                new DescribeConsumerGroupsOptions { IncludeAuthorizedOperations = true, RequestTimeout = AnswerLimit }))
                .ConsumerGroupDescriptions;
        }
        catch (DescribeConsumerGroupsException e)
        {
            described = e.Results.ConsumerGroupDescriptions;
        }
        foreach (var group in described)
        {
            if (group.Error.Code == ErrorCode.GroupAuthorizationFailed
                || Missing([AclOperation.Read], group.AuthorizedOperations).Length > 0)
            {
                faults.Add($"{KafkaOptions.Section}:{nameof(Options.GroupId)}",
                    $"this user may not use consumer group {group.GroupId}: {Acl()} --operation Read --group {group.GroupId}");
            }
        }
    }

    private async Task CheckRetentionAsync(
        IAdminClient admin, List<NeededTopic> topics, TopicNeeds needs, Faults faults)
    {
        var consumed = topics.Where(topic => topic.Name == Options.TransactionsTopic || topic.Name == Options.LabelsTopic).ToList();
        var settings = consumed.Count > 0 ? await ReadSettingsAsync(admin, consumed) : [];
        foreach (var topic in consumed)
        {
            var own = settings.GetValueOrDefault(topic.Name) ?? [];
            var window = topic.Name == Options.TransactionsTopic ? needs.PaymentsWindow : needs.LabelsWindow;
            foreach (var finding in TopicSettings.Check(topic.Name, name => own.GetValueOrDefault(name)?.Value, window))
            {
                if (finding.IsFault)
                {
                    faults.Add(topic.Field, finding.Text);
                }
                else
                {
                    log.TopicKeepsTooLittle(finding.Text);
                }
            }
        }
    }

    /// <summary>Reads the settings of topics, without those that this user may not read.</summary>
    private async Task<Dictionary<string, Dictionary<string, ConfigEntryResult>>> ReadSettingsAsync(
        IAdminClient admin, List<NeededTopic> topics)
    {
        var resources = topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic.Name });
        try
        {
            var all = await admin.DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = AnswerLimit });
            return all.ToDictionary(topic => topic.ConfigResource.Name, topic => topic.Entries);
        }
        catch (DescribeConfigsException e)
        {
            foreach (var refused in e.Results.Where(topic => topic.Error.IsError))
            {
                log.TopicSettingsUnknown(refused.ConfigResource.Name, refused.Error.Reason);
            }
            return e.Results.Where(topic => !topic.Error.IsError).ToDictionary(topic => topic.ConfigResource.Name, topic => topic.Entries);
        }
    }

    // Brokers without ACLs allow everything; brokers that do not say what they allow are taken to allow it.
    private static AclOperation[] Missing(AclOperation[] needed, List<AclOperation>? allowed) =>
        allowed is null or [] || allowed.Contains(AclOperation.All) ? [] : [.. needed.Except(allowed)];

    private string Grant(NeededTopic topic, AclOperation[] operations) =>
        $"{Acl()} {string.Join(' ', operations.Select(operation => $"--operation {operation}"))} --topic {topic.Name}";

    private string Acl() => $"kafka-acls.sh --bootstrap-server {clients.BootstrapServers} --add --allow-principal "
        + $"User:{Options.SaslUsername ?? "NAME"}";

    private sealed record NeededTopic(string Option, string Name, AclOperation[] Needed)
    {
        public string Field => $"{KafkaOptions.Section}:{Option}";
    }
}

/// <summary>What the service needs of the topics, besides the section "Kafka".</summary>
/// <param name="Groups">The consumer groups.</param>
/// <param name="PaymentsWindow">How far back features look at payments.</param>
/// <param name="LabelsWindow">How far back features look at labels.</param>
/// <param name="MayErase">True if it writes erasures; their topic is then created if it does not exist.</param>
internal sealed record TopicNeeds(IReadOnlyList<string> Groups, TimeSpan PaymentsWindow, TimeSpan LabelsWindow, bool MayErase);
