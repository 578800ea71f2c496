using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class EntityHasherTests
{
    private static readonly EntityHasher Hasher = new("0123456789abcdef"u8);
    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Create(
        """
        {"name": "card", "fields": ["card"]}, {"name": "other", "fields": ["card"]}, {"name": "pair", "fields": ["card", "merchant"]},
        {"name": "device", "fields": ["device"]}, {"name": "tier", "fields": ["attributes.tier"]}
        """, """{"name": "amount", "text": "t", "payment": "amount"}""");

    private static EntityPlan Card => Catalogue.Entities[0];

    private static EntityPlan Pair => Catalogue.Entities[2];

    [Test]
    public void KeyOf_OtherValueEntityOrSecret_IsAnotherKey()
    {
        var payment = TestPayments.Create("t", 1, card: "c1");
        EntityKey[] keys =
        [
            Hasher.KeyOf(Card, payment), Hasher.KeyOf(Card, TestPayments.Create("t", 1, card: "c2")),
                Hasher.KeyOf(Catalogue.Entities[1], payment),
            Hasher.KeyOf(Pair, payment), new EntityHasher("0123456789abcdeg"u8).KeyOf(Card, payment),
                new EntityHasher("0123456789abcdef0"u8).KeyOf(Card, payment),
        ];
        Assert.That(keys, Is.Unique);
        Assert.That(keys, Has.None.EqualTo(EntityKey.None));
    }

    [TestCase("ab", "c", "a", "bc")]
    [TestCase("a", "", "", "a")]
    [TestCase("ab", "ab", "a", "bab")]
    public void KeyOf_SameLettersInOtherFields_IsAnotherKey(string card1, string merchant1, string card2, string merchant2) => Assert.That(
        Hasher.KeyOf(Pair, TestPayments.Create("t", 1, card: card1, merchant: merchant1)),
        Is.Not.EqualTo(Hasher.KeyOf(Pair, TestPayments.Create("t", 1, card: card2, merchant: merchant2))));

    [Test]
    public void KeyOf_PaymentAndItsLabel_AreTheSame()
    {
        var label = new Label { TransactionId = "t", LabelTimeMs = 2, EventTimeMs = 1, Fraud = true, Card = "c", Merchant = "m" };
        Assert.That(Hasher.KeyOf(Pair, label), Is.EqualTo(Hasher.KeyOf(Pair, TestPayments.Create("t", 1, card: "c", merchant: "m"))));
        Assert.That(Hasher.KeyOf(Catalogue.Entities[3], label).IsNone, Is.True);
        Assert.That(Hasher.KeyOf(Catalogue.Entities[4], label).IsNone, Is.True);
    }

    [Test]
    public void KeyOf_FieldMissing_IsNone()
    {
        Assert.That(Hasher.KeyOf(Catalogue.Entities[3], TestPayments.Create("t", 1)).IsNone, Is.True);
        Assert.That(Hasher.KeyOf(Catalogue.Entities[4], TestPayments.Create("t", 1)).IsNone, Is.True);
        Assert.That(Hasher.KeyOf(Catalogue.Entities[4], TestPayments.Full("t", 1)).IsNone, Is.False);
    }

    /// <summary>
    /// Keys are stored, so this one must never change. It is HMAC-SHA256 over length-prefixed name and values, computed here step by step:
    /// 64 bits over the name and the first value, and 64 bits over all.
    /// </summary>
    [Test]
    public void KeyOf_KnownPayment_IsTheFrozenKey()
    {
        var key = Hasher.KeyOf(Pair, TestPayments.Create("t", 1, card: "tok_é", merchant: "m"));
        byte[] first = [4, 0, .. "pair"u8, 6, 0, .. "tok_é"u8];
        byte[] all = [.. first, 1, 0, .. "m"u8];
        var hex = new byte[EntityKey.HexLength];
        key.WriteHex(hex);
        Assert.That(Encoding.ASCII.GetString(hex),
            Is.EqualTo(Hex(first)[..16] + Hex(all)[..16]));
        Assert.That(Encoding.ASCII.GetString(hex), Is.EqualTo("57b35baffde489673b1cc4cd821ccb86"));
    }

    [Test]
    public void KeyOf_PairsOfOneCard_ShareTheFirstHalf_AndTheBucket()
    {
        var keys = new[] { "m1", "m2", "m3" }.Select(m => Hasher.KeyOf(Pair, TestPayments.Create("t", 1, card: "c", merchant: m))).ToList();
        Assert.That(keys.Select(k => k.High).Distinct(), Has.Exactly(1).Items);
        Assert.That(keys.Select(k => k.Low), Is.Unique);
        Assert.That(keys.Select(k => k.Bucket), Is.All.EqualTo((int)(keys[0].High % EntityKey.Buckets)));
    }

    [Test]
    public void KeyOf_LongestValues_FitAndAllocateNothing()
    {
        var payment = TestPayments.Create("t", 1, card: new string('€', 256), merchant: new string('€', 256));
        var key = Hasher.KeyOf(Pair, payment);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(Hasher.KeyOf(Pair, payment) == key);
        var used = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(used, Is.LessThan(1_000), "only the assertion allocates");
    }

    [Test]
    public void Forget_TextThatWasHashed_IsHeldNoLonger()
    {
        var hasher = new EntityHasher("0123456789abcdef"u8);
        var hashed = Hashed(hasher);
        GC.Collect();
        Assert.That(hashed.IsAlive, Is.True, "it is cached, so that it is not hashed again");
        hasher.Forget();
        GC.Collect();
        Assert.That(hashed.IsAlive, Is.False);
        GC.KeepAlive(hasher);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Hashed(EntityHasher hasher)
    {
        var text = new string('c', 8);
        hasher.KeyOf(Card, TestPayments.Create("t", 1, card: text));
        return new WeakReference(text);
    }

    private static string Hex(byte[] message) => Convert.ToHexStringLower(HMACSHA256.HashData("0123456789abcdef"u8, message));

    [Test]
    public void Constructor_ShortSecret_IsRefused() =>
        Assert.That(() => new EntityHasher(new byte[15]), Throws.ArgumentException.With.Message.Contains("16"));

    /// <summary>Redis keeps it: a change would make every instance refuse its own profiles.</summary>
    [Test]
    public void Fingerprint_OfASecret_NeverChanges_AndTellsSecretsApart()
    {
        Assert.That(new EntityHasher("0123456789abcdef"u8).Fingerprint, Is.EqualTo("70cdb1ffce3df1a8"));
        Assert.That(new EntityHasher("0123456789abcdeg"u8).Fingerprint, Is.Not.EqualTo("70cdb1ffce3df1a8"));
    }
}
