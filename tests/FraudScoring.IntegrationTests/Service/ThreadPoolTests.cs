using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>The service never blocks threads of the thread pool.</summary>
public sealed class ThreadPoolTests
{
    [Test]
    public async Task Score_PoolOfAsManyThreadsAsConsumers_Answers()
    {
        // One thread for each of the two consumers. If they blocked pool threads, no request would be answered.
        var pool = new Dictionary<string, string>
        {
            ["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "2",
            ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "2"
        };
        // Time enough for a pause of the machine: this is about threads that never come.
        var options = new Dictionary<string, string> { ["Scoring:BudgetMs"] = "20000", ["Redis:ReadTimeoutMs"] = "10000" };
        await using var service = await ServiceProcess.StartNewAsync("pool", options, pool, TestContext.Out);
        for (var i = 0; i < 20; i++)
        {
            var answer = await service.Scoring.ScoreAsync(new ScoreRequest { Payment = Payment(i) },
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30));
            Assert.That(answer.Assessment.Model, Is.EqualTo("payments"));
        }
    }

    private static Payment Payment(int number) => new()
    {
        TransactionId = $"pool-{number}", EventTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), Amount = "49.90",
        Currency = "EUR",
        CardToken = "card", AccountToken = "account", DeviceToken = "device", IpAddress = "203.0.113.7", MerchantId = "merchant",
        Channel = Channel.Ecommerce,
    };
}
