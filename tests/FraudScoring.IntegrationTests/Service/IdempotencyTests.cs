using System.Text;
using System.Text.Json;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>A repeated request with the same transaction id gets the first answer again, and there is one record of both.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.All))]
public sealed class IdempotencyTests(Backends backends)
{
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await backends.StartAsync();
        // A stored answer that is not read in time, because the machine is busy, is not repeated.
        _service = await ServiceUnderTest.StartAsync(
            backends, ("Scoring:IdempotencySeconds", "300"), ("Scoring:BudgetMs", "5000"), ("Redis:ReadTimeoutMs", "2000"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    [Test]
    public async Task Score_TheSameRequestAgain_RepeatsTheAnswer_AndPublishesOneRecord()
    {
        var request = Request("twice");
        request.Explain = ExplainMode.Always;
        var first = await ScoreAsync(request);
        var second = await ScoreAsync(request);
        var json = await PostAsync(request);
        var assessment = json.GetProperty("assessment");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Replayed, second.Replayed), Is.EqualTo((false, true)));
            Assert.That(second.Assessment, Is.EqualTo(first.Assessment));
            Assert.That(json.GetProperty("replayed").GetBoolean(), Is.True);
            Assert.That(assessment.GetProperty("decisionId").GetString(), Is.EqualTo(first.Assessment.DecisionId));
            Assert.That(await RecordsAsync("twice"), Is.EqualTo(new[] { first.Assessment }));
        }
    }

    [Test]
    public async Task Score_ConcurrentDuplicates_ShareOneRun()
    {
        var shared = "fraud_repeated_requests_total{outcome=\"shared\"}";
        var before = await _service.MetricAsync(shared);
        var rounds = 0;
        // The first of a round may be answered before the second arrives; then it is replayed rather than shared.
        await Eventually.IsTrueAsync(async () =>
        {
            var request = Request($"concurrent-{++rounds}");
            var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ScoreAsync(request)));
            Assert.That(responses.Count(response => !response.Replayed), Is.EqualTo(1));
            Assert.That(responses.Select(response => response.Assessment.DecisionId).Distinct().Count(), Is.EqualTo(1));
            return await _service.MetricAsync(shared) > before;
        });
        for (var i = 1; i <= rounds; i++)
        {
            Assert.That(await RecordsAsync($"concurrent-{i}"), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task Score_TheSameIdWithOtherContent_IsRefused_NamingTheFields()
    {
        var request = Request("changed");
        var first = await ScoreAsync(request);
        var changed = request.Clone();
        (changed.Payment.Amount, changed.Payment.Country, changed.Model) = ("49.91", "FR", "payments");
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScoreAsync(changed));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.AlreadyExists));
            Assert.That(refused.Status.Detail, Does.StartWith("payment.amount, payment.country, model: "));
            Assert.That(refused.Status.Detail, Does.Not.Contain("49.9"));
            Assert.That((await ScoreAsync(request)).Assessment, Is.EqualTo(first.Assessment));
            Assert.That(await RecordsAsync("changed"), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task Score_AfterTheAnswerHasExpired_IsScoredAgain()
    {
        var request = Request("expired");
        var first = await ScoreAsync(request);
        Assert.That((await ScoreAsync(request)).Replayed, Is.True);
        var keys = _service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var database = _service.Services.GetRequiredService<RedisConnections>().Reading.GetDatabase();
        RedisKey key = keys.Answer(keys.HashTransaction("expired"));
        Assert.That(await database.KeyTimeToLiveAsync(key), Is.InRange(TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(300)));
        Assert.That((string?)await database.StringGetAsync(key), Does.Not.Contain("expired"), "the transaction id");
        await database.KeyExpireAsync(key, TimeSpan.FromMilliseconds(1));
        await Eventually.IsTrueAsync(async () => !await database.KeyExistsAsync(key));
        var again = await ScoreAsync(request);
        Assert.That((again.Replayed, again.Assessment.DecisionId == first.Assessment.DecisionId), Is.EqualTo((false, false)));
    }

    /// <summary>The budget is over before any disk has a decision, but the disk gets it, and so does Kafka.</summary>
    [Test]
    public async Task Score_RefusedBecauseTheDiskWasTooLate_IsAnsweredByTheNextRequest_WithThePublishedDecision()
    {
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        ScoreRequest refused;
        await using (var hasty = await ServiceUnderTest.StartAsync(backends, ("Scoring:IdempotencySeconds", "300"),
            ("Scoring:BudgetMs", "3"), ("Spool:Folder", folder.FullName), ("Spool:Mode", "Acknowledge"), ("Spool:WhenFull", "Refuse")))
        {
            refused = await RefusedAsync(hasty);
        }
        var keys = _service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var database = _service.Services.GetRequiredService<RedisConnections>().Reading.GetDatabase();
        RedisKey key = keys.Answer(keys.HashTransaction(refused.Payment.TransactionId));
        await Eventually.IsTrueAsync(() => database.KeyExistsAsync(key));
        var again = await ScoreAsync(refused);
        Assert.That(again.Replayed, Is.True);
        Assert.That(await RecordsAsync(refused.Payment.TransactionId), Is.EqualTo(new[] { again.Assessment }));
        folder.Delete(recursive: true);
    }

    /// <summary>The list of a card holds 32 requests.</summary>
    [Test]
    public async Task Score_ARequestRetriedFortyTimes_DoesNotPushOtherAttemptsOut()
    {
        const string Card = "card-of-retries";
        for (var i = 0; i < 5; i++)
        {
            await ScoreAsync(Request($"other-{i}", Card));
        }
        var retried = Request("retried", Card);
        for (var i = 0; i < 40; i++)
        {
            await ScoreAsync(retried);
        }
        var attempts = await _service.FeatureAsync(ServiceUnderTest.NewPayment("last", Card), "card_attempts_10m");
        Assert.That(attempts, Is.EqualTo(7));
    }

    private static ScoreRequest Request(string id, string card = "card-1") => new() { Payment = ServiceUnderTest.NewPayment(id, card) };

    private async Task<ScoreResponse> ScoreAsync(ScoreRequest request) => await _service.Scoring.ScoreAsync(request);

    /// <summary>The first request that a service refuses because its decision was not recorded in time.</summary>
    private static async Task<ScoreRequest> RefusedAsync(ServiceUnderTest service)
    {
        // Without retries.
        using var channel = GrpcChannel.ForAddress($"http://{service.Addresses.Grpc}");
        var scoring = new V1.ScoringService.ScoringServiceClient(channel);
        for (var i = 0; i < 1000; i++)
        {
            var request = Request($"late-{i}");
            try
            {
                await scoring.ScoreAsync(request);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                Assert.That(e.Status.Detail, Does.StartWith("The decision was not recorded in time"));
                return request;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
            {
                // Time ran out before there was a decision.
            }
        }
        throw new InvalidOperationException("No decision came in time and was recorded too late.");
    }

    private async Task<JsonElement> PostAsync(ScoreRequest request)
    {
        using var body = new StringContent(
            Google.Protobuf.JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json");
        using var response = await _service.Http.PostAsync("/v1/score", body);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>The assessments in the records of a transaction. Waits until one that was scored later has arrived.</summary>
    private async Task<List<Assessment>> RecordsAsync(string id)
    {
        var later = Request($"after-{id}-{Guid.NewGuid():N}");
        await ScoreAsync(later);
        await _service.DecisionAsync(later.Payment.TransactionId);
        var records = await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, _service.Kafka.Options.DecisionsTopic);
        return [.. records.Select(record => DecisionEvent.Parser.ParseFrom(record.Message.Value))
            .Where(decision => decision.Payment.TransactionId == id).Select(decision => decision.Assessment)];
    }
}
