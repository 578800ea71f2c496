using System.Net.Http.Json;
using System.Text.Json;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>The gRPC and JSON APIs, with real and with embedded servers.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.All))]
public sealed class ScoringServiceTests(Backends backends)
{
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await backends.StartAsync();
        _service = await ServiceUnderTest.StartAsync(backends);
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
    public async Task Score_AFreshPayment_IsAnsweredWithEverything()
    {
        var response = await _service.ScoreWithHistoryAsync(
            new ScoreRequest { Payment = ServiceUnderTest.NewPayment("tx-whole"), Explain = ExplainMode.Always, StageTimes = true });
        var assessment = response.Assessment;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(assessment.TransactionId, Is.EqualTo("tx-whole"));
            Assert.That(assessment.FraudProbability, Is.InRange(0.0, 1.0));
            Assert.That(assessment.Decision, Is.Not.EqualTo(Decision.Unspecified));
            Assert.That((assessment.Degradation, assessment.Degradations.Count), Is.EqualTo((Degradation.None, 0)));
            Assert.That(Guid.Parse(assessment.DecisionId).Version, Is.EqualTo(7));
            Assert.That(assessment.Model, Is.EqualTo("payments"));
            Assert.That(assessment.MemberScores.Select(m => m.Member), Is.EqualTo(new[] { "trees", "linear" }));
            Assert.That(assessment.Reasons, Has.Count.InRange(1, 4));
            Assert.That(assessment.Reasons, Has.All.Matches<Reason>(r => r is { Contribution: > 0, Text.Length: > 0 }));
            Assert.That(assessment.Reasons.Select(r => r.Code), Is.Unique);
            Assert.That(assessment.CatalogueHash, Has.Length.EqualTo(64));
            Assert.That(assessment.PolicyHash, Has.Length.EqualTo(64));
            Assert.That(response.StageTimes.Select(t => t.Stage), Is.EqualTo(
                new[] { "validate", "read_features", "fill_features", "route", "infer", "decide", "explain", "publish" }));
        }
    }

    [Test]
    public async Task Score_AFaultyPayment_IsRefusedWithEveryFaultAndNoValue()
    {
        var payment = ServiceUnderTest.NewPayment("tx-bad", card: "4111 1111 1111 1111");
        payment.Amount = "-3";
        payment.Currency = "ZZZ";
        payment.Location = new Location { Latitude = double.NaN, Longitude = 500 };
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment }));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        foreach (var field in new[] { "payment.amount", "payment.currency", "payment.card_token", "payment.location.latitude",
            "payment.location.longitude" })
        {
            Assert.That(refused.Status.Detail, Does.Contain(field + ":"));
        }
        Assert.That(refused.Status.Detail, Does.Not.Contain("4111"));
    }

    [Test]
    public async Task ScoreStream_ManyPayments_AnswersEachByItsId()
    {
        using var stream = _service.Scoring.ScoreStream();
        var reading = Task.Run(async () =>
        {
            var answers = new Dictionary<string, ScoreStreamResponse>();
            await foreach (var answer in stream.ResponseStream.ReadAllAsync())
            {
                answers.Add(answer.TransactionId, answer);
            }
            return answers;
        });
        for (var i = 0; i < 200; i++)
        {
            var payment = ServiceUnderTest.NewPayment($"stream-{i}", $"card-{i % 7}");
            payment.Amount = i % 50 == 49 ? "abc" : "10.00";
            await stream.RequestStream.WriteAsync(new ScoreRequest { Payment = payment });
        }
        await stream.RequestStream.CompleteAsync();
        var all = await reading;
        Assert.That(all, Has.Count.EqualTo(200));
        // A busy machine refuses some because of load, whatever is in them.
        var taken = all.Where(
            a => a.Value.Error?.Code is not ((int)StatusCode.ResourceExhausted or (int)StatusCode.DeadlineExceeded)).ToList();
        Assert.That(taken, Has.Count.GreaterThan(20));
        foreach (var (id, answer) in taken)
        {
            var isInvalid = id is "stream-49" or "stream-99" or "stream-149" or "stream-199";
            Assert.That(answer.OutcomeCase, Is.EqualTo(isInvalid
                ? ScoreStreamResponse.OutcomeOneofCase.Error : ScoreStreamResponse.OutcomeOneofCase.Response));
            Assert.That(answer.Error?.Code, Is.EqualTo(isInvalid ? (int)StatusCode.InvalidArgument : null));
            Assert.That(answer.Error?.Message ?? "", isInvalid ? Does.Contain("payment.amount") : Is.Empty);
            Assert.That(answer.Response?.Assessment.TransactionId, Is.EqualTo(isInvalid ? null : id));
        }
    }

    [Test]
    public async Task Score_AsJson_IsTheSameService()
    {
        var json = Google.Protobuf.JsonFormatter.Default.Format(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("tx-json") });
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await _service.Http.PostAsync("/v1/score", body);
        Assert.That(response.IsSuccessStatusCode, Is.True);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.GetProperty("assessment").GetProperty("transactionId").GetString(), Is.EqualTo("tx-json"));

        using var bad = new StringContent("{\"payment\":{\"amount\":\"NaN\"}}", System.Text.Encoding.UTF8, "application/json");
        using var refused = await _service.Http.PostAsync("/v1/score", bad);
        Assert.That((int)refused.StatusCode, Is.EqualTo(400));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("payment.amount").And.Contain("payment.merchant_id"));
    }

    [Test]
    public async Task HealthReflectionAndMetrics_AreOn()
    {
        var health = await new Health.HealthClient(_service.GrpcChannel).CheckAsync(new HealthCheckRequest());
        Assert.That(health.Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving));
        Assert.That(await _service.Http.GetStringAsync("/health/ready"), Is.EqualTo("""{"status":"ready","reasons":[]}"""));
        Assert.That(await _service.Http.GetStringAsync("/metrics"), Does.Contain("fraud_stage_seconds_bucket{stage=\"infer\""));
        var reflection = new Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(_service.GrpcChannel);
        using var call = reflection.ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new Grpc.Reflection.V1Alpha.ServerReflectionRequest { ListServices = "" });
        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);
        Assert.That(
            call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name), Does.Contain("fraud.scoring.v1.ScoringService"));
    }

    [Test]
    public async Task Score_ADecision_GoesToKafkaKeyedByCard()
    {
        var response = await _service.Scoring.ScoreAsync(
            new ScoreRequest { Payment = ServiceUnderTest.NewPayment("tx-kafka", "card-of-kafka") });
        var decision = await _service.DecisionAsync("tx-kafka");
        var record = (await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, _service.Kafka.Options.DecisionsTopic))
            .Single(r => DecisionEvent.Parser.ParseFrom(r.Message.Value).Payment.TransactionId == "tx-kafka");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(System.Text.Encoding.UTF8.GetString(record.Message.Key), Is.EqualTo("card-of-kafka"));
            Assert.That(decision.Assessment, Is.EqualTo(response.Assessment));
            Assert.That(decision.Features, Has.Count.EqualTo(_service.Catalogue.Features.Count));
            Assert.That(decision.BundleHash, Has.Length.EqualTo(64));
            Assert.That(decision.MissingEntities, Is.Empty);
        }
    }

    [Test]
    public async Task Score_WithHardlyAnyTime_IsAnsweredWithTheModel_OrRefusedAndNotDecided()
    {
        var rushed = await ServiceUnderTest.StartAsync(backends, ("Scoring:BudgetMs", "1"),
            ("Scoring:ReserveMs", "1"), ("Kafka:GroupId", backends.Prefix + "rushed"));
        await using (rushed)
        {
            // Without retries.
            using var channel = GrpcChannel.ForAddress($"http://{rushed.Addresses.Grpc}");
            var scoring = new V1.ScoringService.ScoringServiceClient(channel);
            var (answered, refused) = (new List<string>(), 0);
            for (var i = 0; i < 200; i++)
            {
                try
                {
                    var response = await scoring.ScoreAsync(
                        new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"rushed-{i}") });
                    Assert.That(response.Assessment.HasFraudProbability, Is.True);
                    Assert.That(response.Assessment.Degradation, Is.EqualTo(Degradation.MissingFeatures), "there is no time to read history");
                    answered.Add($"rushed-{i}");
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
                {
                    refused++;
                }
            }
            Assert.That(answered.Count + refused, Is.EqualTo(200));
            await rushed.DecisionsAsync(answered);
            var records = await TopicReader.ReadAsync(rushed.Kafka.BootstrapServers, rushed.Kafka.Options.DecisionsTopic);
            var decided = records.Select(record => DecisionEvent.Parser.ParseFrom(record.Message.Value).Payment.TransactionId)
                .Where(id => id.StartsWith("rushed-", StringComparison.Ordinal));
            Assert.That(decided, Is.EquivalentTo(answered));
        }
    }
}
