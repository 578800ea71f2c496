using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Tests.Core.Features;
using StackExchange.Redis;

namespace FraudScoring.Tests.Server.Features;

/// <summary>Redis keys are unique, and all keys of a bucket share one hash tag.</summary>
public sealed class ProfileKeysTests
{
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private static readonly int[] Entities = [.. Enumerable.Range(0, TestCatalogues.Served.Entities.Count)];

    private static readonly Gen<EntityKey> AnyKey = Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new EntityKey(high, low));

    private static readonly Gen<EntityTokens> AnyTokens = Gen.Select(
        Gen.String.AlphaNumeric, Gen.String.AlphaNumeric, Gen.String.AlphaNumeric, (card, merchant, other) => new EntityTokens
        {
            Card = "c" + card, Merchant = "m" + merchant, Account = "a" + other, Device = "d" + other, IpAddress = "i" + other,
        });

    [Test]
    public void Names_AnyKey_AreInItsBucket() => Gen.Select(Gen.OneOf(Entities), AnyKey, AnyKey).Sample((entity, key, label) =>
    {
        RedisKey[] names =
        [
            Keys.Name(entity, key), ProfileKeys.AttemptsOf(Keys.Name(entity, key)), Keys.Transaction(key), Keys.Mark(key, label),
            Keys.Marker(key.Bucket), Keys.Version(key.Bucket), Keys.Parked(key.Bucket),
        ];
        var tag = $"{{{key.Bucket}}}";
        return names.All(name => ProfileKeys.BucketOf(name) == key.Bucket && $"{name}".Contains(tag, StringComparison.Ordinal))
            && names.Distinct().Count() == names.Length
            && names.All(name => $"{name}".StartsWith($"test:{TestCatalogues.Served.LayoutHash}:", StringComparison.Ordinal));
    }, iter: 1_000);

    [Test]
    public void Names_DifferentKeysOrEntities_AreDifferent() =>
        Gen.Select(Gen.OneOf(Entities), AnyKey, Gen.OneOf(Entities), AnyKey).Sample((entity, key, other, otherKey) =>
            Keys.Name(entity, key) == Keys.Name(other, otherKey) == (entity == other && key == otherKey), iter: 1_000);

    [Test]
    public void HashLabel_AnyLabel_SharesItsTransactionsBucket_AndDiffersByTimeAndLabel() =>
        Gen.Select(Gen.String.AlphaNumeric, Gen.Long[0, 1_000_000], Gen.Bool).Sample((id, time, fraud) =>
        {
            var label = Label(id, time, fraud);
            EntityKey[] others =
                [Keys.HashLabel(Label(id, time + 1, fraud)), Keys.HashLabel(Label(id, time, !fraud)), Keys.HashTransaction(id)];
            return Keys.HashLabel(label) == Keys.HashLabel(Label(id, time, fraud)) && !others.Contains(Keys.HashLabel(label))
                && Keys.HashLabel(label).Bucket == Keys.HashTransaction(id).Bucket;
        }, iter: 500);

    /// <summary>A card's pairs with all merchants are found by a pattern over the first half of the hash.</summary>
    [Test]
    public void PatternOfFirstField_AnyTokens_MatchesEveryEntityThatBeginsWithThem() =>
        Gen.Select(AnyTokens, AnyTokens).Sample((tokens, other) => Entities.All(entity =>
        {
            var field = TestCatalogues.Served.Entities[entity].Fields[0];
            var pattern = (string)Keys.PatternOfFirstField(entity, Keys.HashFirstField(entity, tokens))!;
            var own = (string)Keys.Name(entity, Keys.HashEntity(entity, tokens))!;
            var foreign = (string)Keys.Name(entity, Keys.HashEntity(entity, other))!;
            return Matches(pattern, own) && Matches(pattern, foreign) == (field.TextOf(tokens) == field.TextOf(other));
        }), iter: 300);

    [Test]
    public void HashEntity_TokensAreThoseOfThePayment_IsTheSame() => AnyTokens.Sample(tokens =>
    {
        var payment = new Payment
        {
            TransactionId = "t", EventTimeMs = 1, AmountMinor = 1, Currency = TestPayments.Euro, Channel = Channel.Atm,
            Card = tokens.Card!, Merchant = tokens.Merchant!,
            Account = tokens.Account, Device = tokens.Device, IpAddress = tokens.IpAddress,
        };
        var hashed = new EntityKey[Entities.Length];
        Keys.HashEntities(payment, hashed);
        return hashed.SequenceEqual(Entities.Select(entity => Keys.HashEntity(entity, tokens)));
    }, iter: 300);

    private static bool Matches(string pattern, string name) =>
        pattern.Length == name.Length && pattern.Zip(name).All(pair => pair.First == '?' || pair.First == pair.Second);

    private static Label Label(string id, long time, bool fraud) =>
        new() { TransactionId = id, EventTimeMs = 0, LabelTimeMs = time, Fraud = fraud };
}
