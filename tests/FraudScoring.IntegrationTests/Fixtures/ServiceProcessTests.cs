namespace FraudScoring.IntegrationTests.Fixtures;

public sealed class ServiceProcessTests
{
    [Test]
    public async Task AService_KilledAndStopped_StartsAgain()
    {
        // Without addresses it starts its embedded Redis and Kafka.
        await using var service = await ServiceProcess.StartNewAsync("probe", new Dictionary<string, string>(), output: TestContext.Out);
        var first = service.ClientId;
        await service.KillAsync();
        Assert.That(service.IsRunning, Is.False);
        await service.StartAsync();
        Assert.That(await service.MetricAsync("process_start_time_seconds"), Is.GreaterThan(0));
        await service.StopAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(service.IsRunning, Is.False);
            Assert.That(service.ClientId, Is.Not.EqualTo(first));
            Assert.That(service.Log, Does.Contain("embedded").IgnoreCase);
        }
    }
}
