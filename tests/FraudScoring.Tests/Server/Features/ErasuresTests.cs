using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.Tests.Core.Features;
using FraudScoring.V1;
using Google.Protobuf;
using EntityTokens = FraudScoring.Core.Payments.EntityTokens;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.Tests.Server.Features;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ErasuresTests
{
    private const long Until = 1_000_000;
    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Served;
    private static readonly EntityHasher Hasher = new("0123456789abcdef"u8);

    private readonly Erasures _erasures = new();

    private ProfileKeys Keys => new(Catalogue, Hasher, "test", _erasures);

    [Test]
    public void HashHistory_PaymentUpToTheErasure_HasNoEntityThatBeginsWithTheToken()
    {
        var payment = TestPayments.Full("t", Until);
        Erase("card", payment.Card, Until);
        for (var e = 0; e < Catalogue.Entities.Count; e++)
        {
            var isErased = Catalogue.Entities[e].Fields[0].Name == "card";
            Assert.That(Hashed(payment)[e].IsNone, Is.EqualTo(isErased), Catalogue.Entities[e].Name);
            Assert.That(Hashed(TestPayments.Full("t", Until + 1))[e], Is.EqualTo(All(payment)[e]), "later payments count");
        }
    }

    [Test]
    public void HashHistory_LabelOfAPaymentUpToTheErasure_WithTokensOrWithout_HasNoSuchEntity()
    {
        var payment = TestPayments.Full("t", Until);
        Erase("card", payment.Card, Until);
        for (var e = 0; e < Catalogue.Entities.Count; e++)
        {
            var isErased = Catalogue.Entities[e].Fields[0].Name == "card";
            Assert.That(Keys.HashHistory(e, LabelOf(payment, Until)).IsNone, Is.EqualTo(isErased), Catalogue.Entities[e].Name);
            Assert.That(Keys.HashHistory(All(payment)[e], EntityKey.None, LabelOf(payment, Until)).IsNone, Is.EqualTo(isErased));
            Assert.That(Keys.HashHistory(e, LabelOf(payment, Until + 1)), Is.EqualTo(All(payment)[e]));
            Assert.That(Keys.HashHistory(All(payment)[e], EntityKey.None, LabelOf(payment, Until + 1)), Is.EqualTo(All(payment)[e]));
        }
    }

    /// <summary>A later catalogue may have entities of other names: the token itself is erased, too.</summary>
    [Test]
    public void HashHistory_EntityOfALaterCatalogue_IsErased()
    {
        var payment = TestPayments.Full("t", Until);
        var card = Catalogue.Entities.First(entity => entity.Fields[0].Name == "card").Fields[0];
        _erasures.Add([Keys.HashErased(card, TokensOf("card", payment.Card)).First()], Until);
        Assert.That(Hashed(payment).Where((_, e) => Catalogue.Entities[e].Fields[0].Name == "card").Select(key => key.IsNone), Is.All.True);
    }

    /// <summary>A profile is found by its key, in which the token's hash is that of its kind of entity.</summary>
    [Test]
    public void ErasedUntil_ProfileOfAnErasedToken_IsTheErasure_PairsIncluded()
    {
        var payment = TestPayments.Full("t", Until);
        Assert.That(All(payment).Select(key => Keys.ErasedUntil(key, key)), Is.All.EqualTo(long.MinValue));
        Erase("card", payment.Card, Until);
        for (var e = 0; e < Catalogue.Entities.Count; e++)
        {
            var expected = Catalogue.Entities[e].Fields[0].Name == "card" ? Until : long.MinValue;
            Assert.That(Keys.ErasedUntil(All(payment)[e], EntityKey.None), Is.EqualTo(expected), Catalogue.Entities[e].Name);
        }
    }

    [Test]
    public void ErasedUntil_EntityOfALaterCatalogue_IsKnownFromItsNextPayment()
    {
        var payment = TestPayments.Full("t", Until + 1);
        var card = Catalogue.Entities.First(entity => entity.Fields[0].Name == "card");
        _erasures.Add([Keys.HashErased(card.Fields[0], TokensOf("card", payment.Card)).First()], Until);
        var key = Hashed(payment)[card.Index];
        Assert.That((key.IsNone, Keys.ErasedUntil(key, EntityKey.None)), Is.EqualTo((false, Until)));
    }

    /// <summary>An erasure before the rotation of the secret has hashes of the previous one.</summary>
    [Test]
    public void ErasedUntil_ErasedUnderThePreviousSecret_IsTheErasure()
    {
        var payment = TestPayments.Full("t", Until);
        Erase("card", payment.Card, Until);
        var keys = new ProfileKeys(Catalogue, new EntityHasher("fedcba9876543210"u8), "test", _erasures) { Previous = Keys };
        var (current, previous) = (keys.HashEntity(0, payment), Keys.HashEntity(0, payment));
        Assert.That((keys.ErasedUntil(current, previous), keys.ErasedUntil(current, EntityKey.None)), Is.EqualTo((Until, long.MinValue)));
        Assert.That(keys.HashHistory(current, previous, LabelOf(payment, Until)).IsNone, Is.True);
        Assert.That(keys.HashHistory(current, previous, LabelOf(payment, Until + 1)), Is.EqualTo(current));
    }

    [Test]
    public void Add_Twice_TheLaterErasureApplies()
    {
        _erasures.Add([7], 20);
        _erasures.Add([7], 10);
        Assert.That((_erasures.Covers(7, 20), _erasures.Covers(7, 21), _erasures.Covers(8, 1)), Is.EqualTo((true, false, false)));
    }

    [TestCase("card")]
    [TestCase("account")]
    [TestCase("device")]
    [TestCase("ip_address")]
    [TestCase("merchant")]
    public void ErasedDecisions_AnyErasedToken_IsFoundInTheDecision(string field)
    {
        var payment = TestPayments.Full("t", Until);
        var decisions = new ErasedDecisions(new EntityHashers(Hasher, null), _erasures);
        var value = new DecisionEvent { Payment = EventWriter.ToProto(payment) }.ToByteArray();
        Assert.That(decisions.Contains(value), Is.False);
        Erase(field, FieldOf(field).TextOf(payment)!, Until);
        Assert.That(decisions.Contains(value), Is.True);
        Assert.That(decisions.Contains(new DecisionEvent { Payment = EventWriter.ToProto(TestPayments.Full("t", Until + 1)) }.ToByteArray()),
            Is.False);
        Assert.That((decisions.Contains(null), decisions.Contains([255, 255]), decisions.Contains([])), Is.EqualTo((false, false, false)));
    }

    [Test]
    public void ErasedDecisions_AnAddressThatIsNotCanonical_IsFound()
    {
        Erase("ip_address", "2001:db8::1", Until);
        var payment = EventWriter.ToProto(TestPayments.Full("t", Until));
        payment.IpAddress = "2001:0DB8:0:0::1";
        Assert.That(new ErasedDecisions(new EntityHashers(Hasher, null), _erasures)
            .Contains(new DecisionEvent { Payment = payment }.ToByteArray()), Is.True);
    }

    private void Erase(string field, string token, long untilMs) =>
        _erasures.Add(Keys.HashErased(FieldOf(field), TokensOf(field, token)), untilMs);

    private static PaymentField FieldOf(string name) => PaymentField.OfLabels.Single(field => field.Name == name);

    private static EntityTokens TokensOf(string field, string token) => new()
    {
        Card = field == "card" ? token : null, Account = field == "account" ? token : null, Device = field == "device" ? token : null,
        IpAddress = field == "ip_address" ? token : null, Merchant = field == "merchant" ? token : null,
    };

    private static Label LabelOf(Payment payment, long eventTimeMs) => new()
    {
        TransactionId = payment.TransactionId, EventTimeMs = eventTimeMs, LabelTimeMs = Until * 2, Fraud = true, Card = payment.Card,
        Account = payment.Account, Device = payment.Device, IpAddress = payment.IpAddress, Merchant = payment.Merchant,
    };

    private EntityKey[] Hashed(Payment payment)
    {
        var keys = new EntityKey[Catalogue.Entities.Count];
        Keys.HashHistory(payment, keys);
        return keys;
    }

    private EntityKey[] All(Payment payment)
    {
        var keys = new EntityKey[Catalogue.Entities.Count];
        Keys.HashEntities(payment, keys);
        return keys;
    }
}
