using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

/// <summary>The size of profiles of simulated customers and merchants: the memory of Redis is this times the number of entities.</summary>
public sealed class ProfileSizeTests
{
    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Served;

    [Test]
    public void Write_SimulatedHistory_IsSmall()
    {
        var profiles = Replay(new SimulationOptions { Customers = 400, Terminals = 100, Days = 40, Seed = 11 });
        var cards = profiles["card"].Values.Where(p => p.RecentCount is >= 10 and <= 30).Select(Size).Order().ToArray();
        var merchants = profiles["merchant"].Values.Select(Size).Order().ToArray();
        foreach (var (entity, all) in profiles)
        {
            var sizes = all.Values.Select(Size).Order().ToArray();
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{entity}: {sizes.Length} profiles, median {sizes[sizes.Length / 2]} bytes, largest {sizes[^1]} bytes"));
        }
        Assert.That(cards, Has.Length.GreaterThan(100));
        TestContext.Out.WriteLine($"cards with 10 to 30 recent payments: median {cards[cards.Length / 2]} bytes");
        Assert.That(cards[cards.Length / 2], Is.LessThan(450));
        Assert.That(merchants[^1], Is.LessThan(1_000));
    }

    [Test]
    public void Write_BusiestPossibleMerchant_IsBounded()
    {
        foreach (var plan in Catalogue.Entities)
        {
            var random = new Random(1);
            var profile = new EntityProfile(plan);
            // A payment of another card every eleven seconds, for the whole retention.
            for (var i = 0; i < plan.RetentionMs / 11_000; i++)
            {
                profile.Add(EventStreams.Event(random, plan, i, EventStreams.StartMs + (i * 11_000L)));
            }
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Name}: {Size(profile)} bytes"));
            Assert.That(Size(profile), Is.LessThan(plan.Name == "merchant" ? 4_096 : 5_000), plan.Name);
        }
    }

    private static int Size(EntityProfile profile) => EntityProfileTests.Bytes(profile).Length;

    private static Dictionary<string, Dictionary<EntityKey, EntityProfile>> Replay(SimulationOptions options)
    {
        var hasher = new EntityHasher(new byte[16]);
        var profiles = Catalogue.Entities.ToDictionary(e => e.Name, _ => new Dictionary<EntityKey, EntityProfile>());
        foreach (var payment in PaymentSimulator.Run(options).Select(e => e.Payment).OfType<Payment>())
        {
            var amount = TestCatalogues.ServedRates.Convert(payment);
            foreach (var plan in Catalogue.Entities)
            {
                var key = hasher.KeyOf(plan, payment);
                if (!key.IsNone)
                {
                    ref var profile =
                        ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(profiles[plan.Name], key, out _);
                    (profile ??= new EntityProfile(plan)).Add(ProfileEvent.Create(plan, payment, amount));
                }
            }
        }
        return profiles;
    }
}
