using System.CommandLine;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Commands;
using FraudScoring.Server.Deployments;
using FraudScoring.V1;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>A card is erased while a cluster node with some of its data is down and has no replica.</summary>
public sealed class EraseOutageTests
{
    private RedisCluster _cluster = null!;
    private ServiceUnderTest _service = null!;
    private ConnectionMultiplexer _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        _cluster = await RedisCluster.StartNewAsync(3, RedisPersistence.Snapshot);
        _client = await ConnectionMultiplexer.ConnectAsync(_cluster.Configuration + ",allowAdmin=true");
        _service = await ServiceUnderTest.StartAsync(
            backends, ("Redis:Configuration", _cluster.Configuration), ("Redis:EraseAllowed", "true"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [TestCase("no", TestName = "Erase_ANodeIsAway_TheOthersAnswer_IsRefusedByName_AndErasesNothingUntilItIsBack")]
    [TestCase("yes", TestName = "Erase_ANodeIsAway_TheOthersRefuseToo_IsRefusedByName_AndErasesNothingUntilItIsBack")]
    public async Task Erase_ANodeIsAway(string fullCoverage)
    {
        await Task.WhenAll(_client.GetServers().Select(server => server.ConfigSetAsync("cluster-require-full-coverage", fullCoverage)));
        var (card, profiles) = await NewCardAsync(fullCoverage);
        for (var i = 0; i < 4; i++)
        {
            var payment = ServiceUnderTest.NewPayment($"{card}-{i}", card, TimeProvider.System.GetUtcNow().AddMinutes(-30 + i));
            payment.MerchantId = $"merchant-{i % 2}";
            await _service.PublishAsync(payment);
        }
        await Eventually.IsTrueAsync(async () => (await StoredAsync(profiles)).Sum(profile => profile.Events) == 8);
        var before = await StoredAsync(profiles);
        // The profile erased last is on another node than the one erased first.
        var away = _cluster.Nodes.Single(node => node.Configuration == $"{_client.GetDatabase().IdentifyEndpoint(profiles[^1].Name)}");

        await away.StopAsync();
        var (code, _, error) = await EraseAsync(card);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error,
            Does.Contain("Unavailable").And.Contain("nothing was erased").And.Contain(away.Configuration).And.Not.Contain(card));

        await _cluster.StartAgainAsync(away);
        Assert.That(await StoredAsync(profiles), Is.EqualTo(before));
        var receipt = "";
        await Eventually.IsTrueAsync(async () =>
        {
            (code, receipt, _) = await EraseAsync(card);
            return code == 0;
        });
        Assert.That(EraseEntitiesResponse.Parser.ParseJson(receipt).Erased.ToDictionary(erased => erased.Entity, erased => erased.Profiles),
            Is.EquivalentTo(new Dictionary<string, int> { ["card"] = 1, ["card_merchant"] = 2 }));
        Assert.That((await StoredAsync(profiles)).Select(profile => profile.Events), Is.All.Zero);
    }

    /// <summary>
    /// Returns a card whose own profile and whose last pair with a merchant are on different nodes, and its three profiles.
    /// </summary>
    private async Task<(string Card, List<(EntityPlan Plan, RedisKey Name)> Profiles)> NewCardAsync(string prefix)
    {
        for (var i = 0; ; i++)
        {
            var card = $"card-{prefix}-{i}";
            List<(EntityPlan Plan, RedisKey Name)> profiles =
                [Profile("card", card, "-"), Profile("card_merchant", card, "merchant-0"), Profile("card_merchant", card, "merchant-1")];
            var owners = await Task.WhenAll(profiles.Select(profile => _client.GetDatabase().IdentifyEndpointAsync(profile.Name)));
            if (!Equals(owners[0], owners[^1]))
            {
                return (card, profiles);
            }
        }
    }

    private (EntityPlan Plan, RedisKey Name) Profile(string entity, string card, string merchant)
    {
        var keys = _service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var plan = _service.Catalogue.Entities.Single(entities => entities.Name == entity);
        var label = new Label { TransactionId = "-", LabelTimeMs = 0, EventTimeMs = 0, Fraud = false, Card = card, Merchant = merchant };
        return (plan, keys.Name(plan.Index, keys.HashEntity(plan.Index, label)));
    }

    private async Task<List<(string Value, int Events)>> StoredAsync(List<(EntityPlan Plan, RedisKey Name)> profiles)
    {
        var stored = new List<(string, int)>();
        foreach (var (plan, name) in profiles)
        {
            var (value, profile) = ((byte[]?)await _client.GetDatabase().StringGetAsync(name) ?? [], new EntityProfile(plan));
            stored.Add((Convert.ToHexString(value), ProfileCodec.Read(value, profile) == ProfileFault.None ? profile.Recent.Length : 0));
        }
        return stored;
    }

    private async Task<(int Code, string Output, string Error)> EraseAsync(string card)
    {
        await using StringWriter output = new(), error = new();
        var code = await FeaturesCommand.Create().Parse(["erase", "--card", card, "--server", _service.Addresses.Grpc.ToString()!])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
