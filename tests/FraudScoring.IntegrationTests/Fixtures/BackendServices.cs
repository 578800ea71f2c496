namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>Starts services against <see cref="Backends"/>.</summary>
internal static class BackendServices
{
    extension(ServiceUnderTest)
    {
        /// <summary>Starts a service on these backends, with their prefix for topics and keys.</summary>
        public static async Task<ServiceUnderTest> StartAsync(Backends backends, params (string Key, string Value)[] settings)
        {
            await CreateTopicsAsync(backends);
            return await ServiceUnderTest.StartAsync(SettingsOf(backends, settings).ToDictionary(s => s.Key, string? (s) => s.Value));
        }
    }

    extension(ServiceProcess)
    {
        /// <summary>Starts a service in a process of its own on these backends, with their prefix for topics and keys.</summary>
        public static async Task<ServiceProcess> StartAsync(
            Backends backends, string clientId, params (string Key, string Value)[] settings)
        {
            await CreateTopicsAsync(backends);
            return await ServiceProcess.StartNewAsync(clientId, SettingsOf(backends, settings), output: TestContext.Out);
        }
    }

    private static async Task CreateTopicsAsync(Backends backends)
    {
        string[] topics =
            ["payments.transactions", "fraud.labels", "fraud.decisions", "payments.transactions.dead-letter", "fraud.labels.dead-letter"];
        foreach (var topic in topics)
        {
            await backends.TopicAsync(topic);
        }
    }

    private static Dictionary<string, string> SettingsOf(Backends backends, (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["Redis:Configuration"] = backends.RedisConfiguration,
            ["Redis:EntityHashSecret"] = "a secret of the tests",
            ["Redis:KeyPrefix"] = backends.Prefix + "fraud",
            ["Scoring:MaxEventAgeHours"] = "87600",
            // Tests score one id several times, to see what has changed meanwhile.
            ["Scoring:IdempotencySeconds"] = "0",
            ["Kafka:BootstrapServers"] = backends.BootstrapServers,
            ["Kafka:GroupId"] = backends.Prefix + "group",
            ["Kafka:TransactionsTopic"] = backends.Prefix + "payments.transactions",
            ["Kafka:LabelsTopic"] = backends.Prefix + "fraud.labels",
            ["Kafka:DecisionsTopic"] = backends.Prefix + "fraud.decisions",
            ["Kafka:ErasuresTopic"] = backends.Prefix + "fraud.erasures",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }
        return all;
    }
}
