using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>
/// Profiles on a Redis Cluster while events are consumed and payments are scored: hash slots move, and nodes lose their data.
/// </summary>
public sealed class ClusterTests
{
    private const int Payments = 30_000;

    [Test]
    public async Task Resharding_WhileEventsFlowAndPaymentsAreScored_LosesNoEventAndNoAnswer()
    {
        await using var cluster = await RedisCluster.StartNewAsync();
        await using var log = await HistoryLog.CreateAsync(await Servers.KafkaAsync(), cluster.Configuration, "reshard", Payments);
        var service = await log.StartServiceAsync();
        log.Write(0.2);
        await log.UntilMoreAsync();
        using var end = new CancellationTokenSource();
        var scoring = ScoreAsync(service, end.Token);
        log.Write(0.2);
        await cluster.ReshardAsync(0, 1, await cluster.BucketSlotsAsync(0));
        log.Write(0.2);
        await cluster.ReshardAsync(1, 2, (await cluster.BucketSlotsAsync(1)).Where(slot => slot % 2 == 0));
        log.Write(1);
        await log.UntilAllAsync();
        await end.CancelAsync();
        Assert.That(await scoring, Is.GreaterThan(0));
        await log.AuditAsync();
    }

    [Test]
    public async Task ANode_RestartedEmptyWhileEventsFlow_IsHealed()
    {
        await using var cluster = await RedisCluster.StartNewAsync();
        // A parked label is in its transaction's bucket. That bucket may be lost while the buckets of its entities survive.
        await using var log = await HistoryLog.CreateAsync(
            await Servers.KafkaAsync(), cluster.Configuration, "node-empty", Payments, labelsNameTokens: true);
        var service = await log.StartServiceAsync();
        log.Write(0.5);
        await log.UntilMoreAsync();
        await cluster.RestartEmptyAsync(1);
        log.Write(1);
        await log.UntilAllAsync();
        await cluster.RestartEmptyAsync(2);
        await log.UntilAllAsync();
        await log.AuditAsync();
        Assert.That(await service.MetricAsync("fraud_rewinds_total"), Is.GreaterThan(0));
    }

    /// <summary>Scores one payment after another until cancelled. A missing response fails the test.</summary>
    /// <returns>The number of responses.</returns>
    private static async Task<int> ScoreAsync(ServiceProcess service, CancellationToken end)
    {
        var answers = 0;
        while (!end.IsCancellationRequested)
        {
            var payment = ServiceUnderTest.NewPayment($"scored-{answers}", $"card-{answers % 97}");
            var answer = await service.Scoring.ScoreAsync(
                new ScoreRequest { Payment = payment }, cancellationToken: CancellationToken.None);
            Assert.That(answer.Assessment.Decision, Is.Not.EqualTo(Decision.Unspecified));
            answers++;
        }
        return answers;
    }
}
