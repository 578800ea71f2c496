using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Core.Profiles;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A profile is rebuilt from both topics of the log, in whatever order their partitions are read.</summary>
public sealed class RebuiltProfileTests
{
    private static readonly ProfileKeys Keys = new(TestCatalogues.Rich, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private static readonly CorruptProfile Found = new(0, Keys.HashEntity(0, new EntityTokens { Card = "card" }));

    private static readonly Gen<Label> AnyLabel = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 3], Gen.Bool, Gen.OneOf<string?>(null, "card", "other"), (transaction, hours, fraud, card) => new Label
        {
            TransactionId = $"t{transaction}", EventTimeMs = EventStreams.StartMs,
            LabelTimeMs = EventStreams.StartMs + (hours * 3_600_000L), Fraud = fraud, Card = card,
        });

    private static readonly Gen<(int Transaction, string Card)[]> Payments =
        Gen.Select(Gen.Int[0, 9], Gen.OneOf("card", "other")).Array[0, 20];

    private static readonly Gen<((int Transaction, string Card)[], Label[])> Both = Gen.Select(Payments, AnyLabel.Array[0, 16]);

    /// <summary>A label without tokens may be read before its payment, and only the payment identifies its entity.</summary>
    [Test]
    public void Record_LabelsBeforeOrAfterTheirPayments_GiveTheSameProfile() => Both.Sample((payments, labels) =>
    {
        var (after, before) = (New(), New());
        Record(after, payments);
        Record(after, labels);
        Record(before, labels);
        Record(before, payments);
        // The remembered offsets depend on the order. The data about the entity must not.
        return Describe(after.Profile) == Describe(before.Profile);
    }, iter: 500);

    [Test]
    public void Record_PublishedTwice_CountsOnce() => Both.Sample((payments, labels) =>
    {
        var (once, twice) = (New(), New());
        Record(once, payments);
        Record(once, labels);
        Record(twice, payments);
        Record(twice, [.. labels, .. labels]);
        Record(twice, payments, offset: 1_000);
        return Describe(once.Profile) == Describe(twice.Profile);
    }, iter: 300);

    [Test]
    public void Record_AnyPaymentsAndLabels_HoldsThoseOfTheEntityAlone() => Both.Sample((payments, labels) =>
    {
        var rebuilt = New();
        Record(rebuilt, payments);
        Record(rebuilt, labels);
        // The first record of a transaction wins. The plan keeps 12 payments individually, and there are at most 10 here.
        var own = payments.Where(payment => payment.Card == "card").Select(payment => $"t{payment.Transaction}").ToHashSet();
        var expected = labels.Where(label => label.Card is null ? own.Contains(label.TransactionId) : label.Card == "card")
            .Select(label => ProfileEvent.IdOf(label.TransactionId)).ToHashSet();
        return rebuilt.Profile.Recent.ToArray().Select(e => e.Id).ToHashSet().SetEquals(own.Select(ProfileEvent.IdOf))
            && rebuilt.Profile.Labels.Recent.Concat(rebuilt.Profile.Labels.EarlierFrauds).Select(label => label.Label.Id).ToHashSet()
                .SetEquals(expected);
    }, iter: 500);

    [Test]
    public void Record_ErasedAfterItsPaymentWasRead_GetsNoLabelOfThePayment()
    {
        var erasures = new Erasures();
        var keys = new ProfileKeys(TestCatalogues.Rich, new EntityHasher("0123456789abcdef"u8), "test", erasures);
        var rebuilt = new RebuiltProfile(keys, new LabelsOptions(), Found);
        rebuilt.Record(Transaction("t1", EventStreams.StartMs, "card", 0), []);
        erasures.Add([Found.Key.High], EventStreams.StartMs);
        Assert.That(rebuilt.Record(LabelOf(1)), Is.False);
        Assert.That(rebuilt.Profile.Labels.Recent, Is.Empty);
    }

    /// <summary>Each label is looked at when it is read, and once more with its payment: the log is read in linear time.</summary>
    [Test]
    public void Record_ManyLabelsWithoutTokens_LooksAtEachTwice()
    {
        const int count = 100_000;
        var (rebuilt, early, seen) = (New(), new EarlyLabels(count), 0);
        for (var i = 0; i < count; i++)
        {
            var label = LabelOf(i);
            Assert.That(rebuilt.Of.Record(label), Is.True);
            early.Add(label);
        }
        for (var i = 0; i < count; i++)
        {
            seen += early.Of($"t{i}").Count;
            rebuilt.Of.Record(Transaction($"t{i}", EventStreams.StartMs + i, "card", i), early.Of($"t{i}"));
        }
        Assert.That((seen, early.Count, early.Dropped), Is.EqualTo((count, count, 0L)));
        Assert.That(rebuilt.Profile.Labels.Recent, Is.Not.Empty);
    }

    /// <summary>As while the service runs: otherwise a rebuild would give another profile.</summary>
    [TestCase(90, true, 1)]
    [TestCase(90, false, 1)]
    [TestCase(91, true, 0)]
    [TestCase(91, false, 0)]
    public void Record_ALabelWithoutTokens_AppliesWithinTheHorizonOfItsPayment(int days, bool isPaymentFirst, int expected)
    {
        var rebuilt = New();
        var late = new Label
        {
            TransactionId = "t1", EventTimeMs = EventStreams.StartMs, Fraud = true,
            LabelTimeMs = EventStreams.StartMs + 1_000 + (days * MillisecondsPer.Day),
        };
        if (isPaymentFirst)
        {
            Record(rebuilt, [(1, "card")]);
        }
        Record(rebuilt, [late]);
        if (!isPaymentFirst)
        {
            Record(rebuilt, [(1, "card")]);
        }
        Assert.That(rebuilt.Profile.Labels.Recent, Has.Count.EqualTo(expected));
        Assert.That(rebuilt.Early.Count, Is.EqualTo(isPaymentFirst ? 0 : 1));
    }

    [Test]
    public void EarlyLabels_MoreThanFit_KeepTheNewest_AndCountTheOthers()
    {
        var early = new EarlyLabels(3);
        foreach (var transaction in new[] { 1, 2, 1, 3, 4 })
        {
            early.Add(LabelOf(transaction));
        }
        Assert.That((early.Count, early.Dropped), Is.EqualTo((3, 2L)));
        Assert.That(new[] { 1, 2, 3, 4 }.Select(transaction => early.Of($"t{transaction}").Count), Is.EqualTo([1, 0, 1, 1]));
    }

    [Test]
    public void NewestMap_MoreThanFit_ForgetsTheFirst()
    {
        var map = new NewestMap<int, string>(2);
        Assert.That(new[] { 1, 1, 2, 3, 1 }.Select(key => map.TryAdd(key, $"{key}")), Is.EqualTo([true, false, true, true, true]));
        Assert.That((map.Count, map.TryGetValue(2, out _), map.TryGetValue(3, out var value), value), Is.EqualTo((2, false, true, "3")));
    }

    private static Rebuilt New() => new(new RebuiltProfile(Keys, new LabelsOptions(), Found), new EarlyLabels(100));

    private static void Record(Rebuilt rebuilt, (int Transaction, string Card)[] payments, long offset = 0)
    {
        foreach (var (transaction, card) in payments)
        {
            var timeMs = EventStreams.StartMs + (transaction * 1_000);
            rebuilt.Of.Record(Transaction($"t{transaction}", timeMs, card, offset++), rebuilt.Early.Of($"t{transaction}"));
        }
    }

    private static void Record(Rebuilt rebuilt, Label[] labels)
    {
        foreach (var (offset, label) in labels.Index())
        {
            var record = new LabelRecord(new RecordPosition(AppliedOffsets.SourceOf(1, 0), offset), [], label, Keys.HashLabel(label), []);
            if (rebuilt.Of.Record(record))
            {
                rebuilt.Early.Add(record);
            }
        }
    }

    private static TransactionRecord Transaction(string id, long timeMs, string card, long offset)
    {
        var payment = TestPayments.Create(id, timeMs, 100 + (timeMs % 1_000), card);
        var entities = new EntityKey[1];
        Keys.HashEntities(payment, entities);
        return new TransactionRecord(
            new RecordPosition(AppliedOffsets.SourceOf(0, 0), offset), payment, payment.AmountMinor, Keys.HashTransaction(id), entities);
    }

    private static LabelRecord LabelOf(int transaction)
    {
        var label = new Label
        {
            TransactionId = $"t{transaction}", EventTimeMs = EventStreams.StartMs, LabelTimeMs = EventStreams.StartMs, Fraud = true,
        };
        return new LabelRecord(new RecordPosition(AppliedOffsets.SourceOf(1, 0), transaction), [], label, Keys.HashLabel(label), []);
    }

    private sealed record Rebuilt(RebuiltProfile Of, EarlyLabels Early)
    {
        public EntityProfile Profile => Of.Profile;
    }

    private static string Describe(EntityProfile profile)
    {
        var copy = new EntityProfile(profile.Plan);
        FraudScoring.Core.Profiles.Codec.ProfileCodec.Read(EntityProfileTests.Bytes(profile), copy);
        copy.Applied.Clear();
        return Convert.ToHexString(EntityProfileTests.Bytes(copy));
    }
}
