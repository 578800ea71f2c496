using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using FraudScoring.Simulation;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Events and labels enter the history exactly once, through Kafka and Redis.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.All))]
public sealed class HistoryTests(Backends backends)
{
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await backends.StartAsync();
        _service = await ServiceUnderTest.StartAsync(backends, ("Labels:SearchIntervalSeconds", "1"));
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
    public async Task TransactionEvents_BecomeHistoryOfLaterPayments()
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            await PublishAndWaitAsync(ServiceUnderTest.NewPayment($"history-{i}", "card-history", now.AddMinutes(-10 + i)));
        }
        // The same record at another offset. It is still among the recent events and counts once.
        await PublishAndWaitAsync(ServiceUnderTest.NewPayment("history-4", "card-history", now.AddMinutes(-6)));
        Assert.That(
            await _service.FeatureAsync(ServiceUnderTest.NewPayment("history-now", "card-history", now), "card_count_1h"), Is.EqualTo(5));
        // A payment's event may arrive before the payment is scored. It does not count in its own history.
        await PublishAndWaitAsync(ServiceUnderTest.NewPayment("history-own", "card-history", now));
        Assert.That(
            await _service.FeatureAsync(ServiceUnderTest.NewPayment("history-own", "card-history", now), "card_count_1h"), Is.EqualTo(5));
    }

    [Test]
    public async Task Labels_InProtobufAndJson_CountAsFraudsOfTheMerchant()
    {
        var now = TimeProvider.System.GetUtcNow();
        var label = new LabelEvent
        {
            TransactionId = "labelled-1", Fraud = true, Source = "analyst", MerchantId = "merchant-labelled", CardToken = "card-labelled",
            EventTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(-5)),
            LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(-1)),
        };
        var before = await AppliedAsync(_service.Kafka.Options.LabelsTopic);
        await _service.PublishAsync(label);
        label.TransactionId = "labelled-2";
        await _service.PublishAsync(_service.Kafka.Options.LabelsTopic, "card-labelled",
            System.Text.Encoding.UTF8.GetBytes(Google.Protobuf.JsonFormatter.Default.Format(label)));
        await WaitAsync(_service.Kafka.Options.LabelsTopic, before + 2);
        var payment = ServiceUnderTest.NewPayment("after-labels", at: now);
        payment.MerchantId = "merchant-labelled";
        Assert.That(await _service.FeatureAsync(payment, "merchant_fraud_count_7d"), Is.EqualTo(2));
    }

    [Test]
    public async Task AFraudTakenBack_AfterItLeftTheExactList_NoLongerCounts()
    {
        var now = TimeProvider.System.GetUtcNow();
        var before = await AppliedAsync(_service.Kafka.Options.LabelsTopic);
        foreach (var (number, minutes, fraud) in Enumerable.Range(0, 60).Select(i => (i, i, i == 0)).Append((0, 60, false)))
        {
            await _service.PublishAsync(new LabelEvent
            {
                TransactionId = $"taken-back-{number}", Fraud = fraud, MerchantId = "merchant-taken-back", CardToken = "card-taken-back",
                EventTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(-50)),
                LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(-10).AddMinutes(minutes)),
            });
        }
        await WaitAsync(_service.Kafka.Options.LabelsTopic, before + 61);
        var payment = ServiceUnderTest.NewPayment("after-correction", at: now);
        payment.MerchantId = "merchant-taken-back";
        Assert.That(await _service.FeatureAsync(payment, "merchant_fraud_count_30d"), Is.Zero);
        var early = ServiceUnderTest.NewPayment("before-correction", at: now.AddHours(-10).AddMinutes(30));
        early.MerchantId = "merchant-taken-back";
        Assert.That(await _service.FeatureAsync(early, "merchant_fraud_count_30d"), Is.EqualTo(1));
    }

    [Test]
    public async Task ALabelOfTheFuture_GoesToTheDeadLetterTopic()
    {
        var now = TimeProvider.System.GetUtcNow();
        var label = new LabelEvent
        {
            TransactionId = "labelled-ahead", Fraud = true, CardToken = "card-ahead",
            EventTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now),
            LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(1)),
        };
        await _service.PublishAsync(label);
        await Eventually.IsTrueAsync(
            async () => (await ReasonsAsync()).Exists(reason => reason.Contains("label.label_time", StringComparison.Ordinal)));
    }

    [Test]
    public async Task UnreadableRecords_GoToTheDeadLetterTopic_AndConsumptionGoesOn()
    {
        var topic = _service.Kafka.Options.TransactionsTopic;
        var before = await AppliedAsync(topic);
        await _service.PublishAsync(topic, "k", [0xFF, 0xFF, 0xFF]);
        var invalid = ServiceUnderTest.NewPayment("invalid", "4111111111111111");
        invalid.Amount = "x";
        await _service.PublishAsync(topic, "k", Google.Protobuf.MessageExtensions.ToByteArray(new TransactionEvent { Payment = invalid }));
        await _service.PublishAsync(topic, "k",
            Google.Protobuf.MessageExtensions.ToByteArray(
                new TransactionEvent { Payment = ServiceUnderTest.NewPayment("valid", "card-valid") }));
        await WaitAsync(topic, before + 1);
        var letters = await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, topic + ".dead-letter");
        var reasons = letters.Select(l => System.Text.Encoding.UTF8.GetString(l.Message.Headers.GetLastBytes("dead-letter-reason")))
            .ToList();
        Assert.That(reasons, Has.Count.EqualTo(2));
        Assert.That(reasons, Has.One.Contains("TransactionEvent in protobuf"));
        Assert.That(reasons, Has.One.Contains("payment.amount").And.Contains("payment.card_token"));
        Assert.That(reasons, Has.None.Contains("4111"));
    }

    [Test]
    public async Task APaymentPublishedAgain_AfterItHasLeftTheRecentEvents_CountsOnce()
    {
        var now = TimeProvider.System.GetUtcNow();
        var payments = Enumerable.Range(0, 40)
            .Select(i => ServiceUnderTest.NewPayment($"again-{i}", "card-again", now.AddMinutes(-50 + i))).ToList();
        var before = await AppliedAsync(_service.Kafka.Options.TransactionsTopic);
        var duplicates = await _service.MetricAsync(Duplicates);
        foreach (var payment in payments.Concat(payments.Take(10)))
        {
            await _service.PublishAsync(payment);
        }
        await WaitAsync(_service.Kafka.Options.TransactionsTopic, before + 50);
        Assert.That(
            await _service.FeatureAsync(ServiceUnderTest.NewPayment("again-now", "card-again", now), "card_count_24h"), Is.EqualTo(40));
        Assert.That(await _service.MetricAsync(Duplicates), Is.EqualTo(duplicates + 10));
    }

    [TestCase(true, TestName = "ALabelWithoutTokens_OfAKnownTransaction_Counts")]
    [TestCase(false, TestName = "ALabelWithoutTokens_BeforeItsTransaction_WaitsForIt")]
    public async Task ALabelWithoutTokens(bool transactionFirst)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (id, merchant) = ($"tokenless-{transactionFirst}", $"merchant-tokenless-{transactionFirst}");
        var payment = ServiceUnderTest.NewPayment(id, "card-tokenless", now.AddHours(-5));
        payment.MerchantId = merchant;
        var label = new LabelEvent
        {
            TransactionId = id, Fraud = true,
            EventTime = payment.EventTime, LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(-1)),
        };
        var parked = await _service.MetricAsync("fraud_labels_parked_total");
        var labels = await AppliedAsync(_service.Kafka.Options.LabelsTopic);
        if (transactionFirst)
        {
            await PublishAndWaitAsync(payment);
            await _service.PublishAsync(label);
            await WaitAsync(_service.Kafka.Options.LabelsTopic, labels + 1);
        }
        else
        {
            await _service.PublishAsync(label);
            await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_labels_parked_total") > parked);
            await PublishAndWaitAsync(payment);
            // The label is published again, with its payment's tokens.
            await WaitAsync(_service.Kafka.Options.LabelsTopic, labels + 1);
        }
        var probe = ServiceUnderTest.NewPayment($"after-{id}", at: now);
        probe.MerchantId = merchant;
        Assert.That(await _service.FeatureAsync(probe, "merchant_fraud_count_7d"), Is.EqualTo(1));
    }

    [Test]
    public async Task AFraudAndItsCorrection_BothParked_BothApply()
    {
        var now = TimeProvider.System.GetUtcNow();
        var payment = ServiceUnderTest.NewPayment("corrected-early", "card-corrected-early", now.AddHours(-5));
        payment.MerchantId = "merchant-corrected-early";
        var parked = await _service.MetricAsync("fraud_labels_parked_total");
        var labels = await AppliedAsync(_service.Kafka.Options.LabelsTopic);
        foreach (var (hours, fraud) in new[] { (-4, true), (-2, false) })
        {
            var label = new LabelEvent
            {
                TransactionId = payment.TransactionId, Fraud = fraud, EventTime = payment.EventTime,
                LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddHours(hours)),
            };
            await _service.PublishAsync(
                _service.Kafka.Options.LabelsTopic, "one", Google.Protobuf.MessageExtensions.ToByteArray(label));
        }
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_labels_parked_total") >= parked + 2);
        await PublishAndWaitAsync(payment);
        await WaitAsync(_service.Kafka.Options.LabelsTopic, labels + 2);
        var counts = new List<float>();
        foreach (var hours in new[] { -3, 0 })
        {
            var probe = ServiceUnderTest.NewPayment($"after-corrected-{-hours}", at: now.AddHours(hours));
            probe.MerchantId = payment.MerchantId;
            counts.Add(await _service.FeatureAsync(probe, "merchant_fraud_count_7d"));
        }
        Assert.That(counts, Is.EqualTo(new[] { 1f, 0f }));
    }

    [Test]
    public async Task ALabelWhoseTransactionNeverComes_GoesToTheDeadLetterTopic()
    {
        var deployment = _service.Services.GetRequiredService<DeploymentHost>().Current;
        var longAgo = TimeProvider.System.GetUtcNow().AddHours(-73).ToUnixTimeMilliseconds();
        await deployment.Transactions.FindOrParkAsync(Read(deployment, "never-comes", 7), longAgo);
        await Eventually.IsTrueAsync(async () =>
            (await ReasonsAsync()).Exists(
                reason => reason.Contains("its transaction did not arrive within Kafka:ParkedLabelHours (72)", StringComparison.Ordinal)));
        await Eventually.IsTrueAsync(async () =>
            (await deployment.Transactions.ParkedAsync(deployment.Keys.HashTransaction("never-comes").Bucket)).Count == 0);
    }

    [Test]
    public async Task ALabelClaimedByABatchThatRedisLost_AndThenParked_IsNoRepetitionOfItself()
    {
        var deployment = _service.Services.GetRequiredService<DeploymentHost>().Current;
        var (index, transaction) = (deployment.Transactions, deployment.Keys.HashTransaction("lost-and-parked"));
        var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        LabelRecord At(long offset) => Read(deployment, "lost-and-parked", offset);

        await index.ClaimAsync([At(7)]);
        // Redis came back without the transaction, and the log is read again.
        var place = await index.FindOrParkAsync(At(7), nowMs);
        var parked = (await index.ParkedAsync(transaction.Bucket)).Single(waiting => waiting.Transaction == transaction).Label;
        await index.UnparkAsync(transaction, At(7).Key, parked);
        Assert.That(place.IsParked, Is.True);
        Assert.That(await index.ClaimAsync([At(9)]), Is.Empty);

        await index.FindOrParkAsync(At(7), nowMs);
        Assert.That(await index.ClaimAsync([At(11)]), Is.EqualTo(new[] { At(11).Position }), "another record's claim must stay");
    }

    /// <summary>
    /// A batch may be read again although all profiles have its records. Labels parked for its payments must still be found.
    /// </summary>
    [Test]
    public async Task ABatchWithNothingToWrite_IsAppliedOnlyWhenItsTransactionsAreRemembered()
    {
        var deployment = _service.Services.GetRequiredService<DeploymentHost>().Current;
        var services = _service.Services;
        var writer = new RedisProfileWriter(
            services.GetRequiredService<RedisConnections>(), services.GetRequiredService<RedisRetry>(), deployment.Keys, null,
            new CorruptProfiles(), deployment.Secret, services.GetRequiredService<RedisOptions>(), TimeProvider.System,
            NullLogger<RedisProfileWriter>.Instance);
        var remembered = new TaskCompletionSource();
        var batch = new IngestBatch(deployment.Keys, writer.Markers, _service.Kafka.Options.TransactionsTopic);
        batch.BeginClaims(() => remembered.Task);
        var applied = writer.ApplyAsync(batch, CancellationToken.None);
        Assert.That(applied.IsCompleted, Is.False);
        remembered.SetResult();
        Assert.That(await applied, Is.True);
        Assert.That(batch.State, Is.EqualTo(IngestBatchState.Written));
    }

    /// <summary>A label as read from the log at an offset.</summary>
    private static LabelRecord Read(Deployment deployment, string transaction, long offset)
    {
        var label = new Core.Payments.Label
        {
            TransactionId = transaction, EventTimeMs = 1_000, LabelTimeMs = 2_000, Fraud = true,
            Card = "card-read"
        };
        return new LabelRecord(
            new RecordPosition(AppliedOffsets.SourceOf(LabelRecord.TopicNumber, 0), offset), "{}"u8.ToArray(), label,
            deployment.Keys.HashLabel(label), []);
    }

    private async Task<List<string>> ReasonsAsync() =>
        [.. (await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, _service.Kafka.Options.LabelsTopic + ".dead-letter"))
            .Select(letter => System.Text.Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("dead-letter-reason")))];

    [Test]
    public async Task ReadingFromTheBeginning_ByAnotherGroup_ChangesNoProfile()
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 40; i++)
        {
            await PublishAndWaitAsync(ServiceUnderTest.NewPayment($"read-again-{i}", "card-read-again", now.AddMinutes(-50 + i)));
        }
        var first = await _service.FeatureAsync(ServiceUnderTest.NewPayment("read-first", "card-read-again", now), "card_sum_24h");
        var applied = await AppliedAsync(_service.Kafka.Options.TransactionsTopic);
        var second = await ServiceUnderTest.StartAsync(backends, ("Kafka:GroupId", backends.Prefix + "again"));
        await using (second)
        {
            // Metrics belong to the process. The second instance reads everything that the first has read.
            await WaitAsync(_service.Kafka.Options.TransactionsTopic, applied + 40);
            var again = await second.FeatureAsync(ServiceUnderTest.NewPayment("read-again", "card-read-again", now), "card_sum_24h");
            Assert.That(first, Is.EqualTo(40 * 49.9f).Within(0.01f));
            Assert.That(again, Is.EqualTo(first));
        }
    }

    [Test]
    public async Task Rows_ThroughKafkaAndRedis_AreBitIdenticalToTheReplayThatTrains()
    {
        var catalogue = _service.Catalogue;
        // 50,000 payments if they fit: the embedded broker keeps only the newest 5 MB of a partition.
        var log = PaymentSimulator.Run(new SimulationOptions
        {
            Customers = backends.Embedded ? 40 : 600, Terminals = 40, Radius = 60, Days = backends.Embedded ? 40 : 48, Seed = 99,
            Start = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-60), FixedLabelDelay = TimeSpan.FromDays(2),
        }).ToList();
        log = [.. log.Concat(Corrections(log)).OrderBy(e => e.Payment?.EventTimeMs ?? e.Label!.LabelTimeMs)];
        // Drop the labels after the last payment. Nothing would show their effect.
        log.RemoveRange(log.FindLastIndex(e => e.Payment is not null) + 1, log.Count - log.FindLastIndex(e => e.Payment is not null) - 1);
        var records = log.ConvertAll(e => e.Payment is not null
            ? new EventLogRecord { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(e.Payment) } }
            : new EventLogRecord { Label = WithOrWithoutTokens(e.Label!) });
        Assert.That(records.Count(r => r.Transaction is not null), Is.GreaterThan(backends.Embedded ? 2_000 : 50_000));
        var cards = records.Where(r => r.Transaction is not null).Select(r => r.Transaction.Payment)
            .ToDictionary(p => p.TransactionId, p => p.CardToken);
        // Payments first, so that no label waits for one; the log's own order is that of the replay.
        var earlier = records.SkipLast(60).ToLookup(r => r.Label is null);
        await PublishAndWaitAsync([.. earlier[true]], cards);
        // Half of the labels without tokens come when Redis has forgotten their payment, and need the search of the log.
        var late = earlier[false].Where(r => r.Label.CardToken.Length == 0).Select(r => r.Label.TransactionId).Distinct()
            .Where((_, i) => i % 2 == 0).ToList();
        Assert.That(late, Is.Not.Empty);
        await _service.ForgetAsync(late);
        await PublishAndWaitAsync([.. earlier[false]], cards);
        // Send the last records one by one: each payment is scored before it becomes history.
        foreach (var record in records.TakeLast(60))
        {
            if (record.Transaction is { Payment: var payment })
            {
                await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment });
            }
            await PublishAndWaitAsync([record], cards);
        }
        await _service.DecisionAsync(records.Last(r => r.Transaction is not null).Transaction.Payment.TransactionId);
        var served = (await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, _service.Kafka.Options.DecisionsTopic))
            .Select(r => DecisionEvent.Parser.ParseFrom(r.Message.Value))
                .ToDictionary(d => d.Payment.TransactionId, d => d.Features.ToArray());

        var compared = 0;
        new HistoryReplay(catalogue, _service.Rates, LabelledPayments.DefaultHorizonMs).Run(records, (payment, row) =>
        {
            if (!served.TryGetValue(payment.TransactionId, out var servedRow))
            {
                return;
            }
            compared++;
            var trained = row.ToArray();
            // Most payments of the history were never scored, which the replay assumes. FeatureServiceTests checks the attempt counts.
            foreach (var f in Enumerable.Range(0, trained.Length).Where(f => catalogue.Features[f].Aggregate != "attempts"))
            {
                Assert.That(BitConverter.SingleToInt32Bits(servedRow[f]), Is.EqualTo(BitConverter.SingleToInt32Bits(trained[f])),
                    $"{catalogue.Features[f].Name}: served {servedRow[f]}, trained {trained[f]}");
            }
        });
        Assert.That(compared, Is.GreaterThan(30));
    }

    /// <summary>Every fourth label is corrected within ten days, every third correction is taken back.</summary>
    private static IEnumerable<SimulatedEvent> Corrections(IEnumerable<SimulatedEvent> log)
    {
        var random = new Random(3);
        foreach (var label in log.Select(e => e.Label).OfType<Core.Payments.Label>())
        {
            for (var (corrected, fraud) = (label.LabelTimeMs, label.Fraud); random.Next(4) == 0;)
            {
                (corrected, fraud) = (corrected + random.Next(1, 240 * (int)Core.Payments.MillisecondsPer.Hour), !fraud);
                yield return new SimulatedEvent(null, default, new Core.Payments.Label
                {
                    TransactionId = label.TransactionId, EventTimeMs = label.EventTimeMs, LabelTimeMs = corrected, Fraud = fraud,
                    Card = label.Card, Account = label.Account, Device = label.Device, IpAddress = label.IpAddress,
                    Merchant = label.Merchant,
                });
            }
        }
    }

    /// <summary>A fifth of the labels name only their transaction.</summary>
    private static LabelEvent WithOrWithoutTokens(Core.Payments.Label label)
    {
        var message = EventWriter.ToProto(label);
        if (label.LabelTimeMs % 5 == 0)
        {
            message.CardToken = message.AccountToken = message.DeviceToken = message.IpAddress = message.MerchantId = "";
        }
        return message;
    }

    private async Task PublishAndWaitAsync(List<EventLogRecord> records, Dictionary<string, string> cards)
    {
        var payments = await AppliedAsync(_service.Kafka.Options.TransactionsTopic);
        var labels = await AppliedAsync(_service.Kafka.Options.LabelsTopic);
        await Task.WhenAll(
            records.Select(
                r => (Task)(r.Transaction is not null ? _service.PublishAsync(r.Transaction.Payment) : _service.PublishAsync(
                    _service.Kafka.Options.LabelsTopic, cards[r.Label.TransactionId],
                    Google.Protobuf.MessageExtensions.ToByteArray(r.Label)))));
        await WaitAsync(_service.Kafka.Options.TransactionsTopic, payments + records.Count(r => r.Transaction is not null));
        await WaitAsync(_service.Kafka.Options.LabelsTopic, labels + records.Count(r => r.Label is not null));
    }

    private async Task PublishAndWaitAsync(Payment payment)
    {
        var before = await AppliedAsync(_service.Kafka.Options.TransactionsTopic);
        await _service.PublishAsync(payment);
        await WaitAsync(_service.Kafka.Options.TransactionsTopic, before + 1);
    }

    private string Duplicates => $"fraud_duplicate_events_total{{topic=\"{_service.Kafka.Options.TransactionsTopic}\"}}";

    private Task<double> AppliedAsync(string topic) => _service.MetricAsync($"fraud_events_applied_total{{topic=\"{topic}\"}}");

    private async Task WaitAsync(string topic, double count)
    {
        for (var attempt = 0; await AppliedAsync(topic) < count; attempt++)
        {
            Assert.That(attempt, Is.LessThan(3000), $"{topic}: {await AppliedAsync(topic)} of {count} records applied");
            await Task.Delay(20);
        }
    }
}
