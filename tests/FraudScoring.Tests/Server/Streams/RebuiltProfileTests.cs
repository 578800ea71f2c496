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
    private static readonly ProfileKeys Keys = new(TestCatalogues.Rich, new EntityHasher("0123456789abcdef"u8), "test");
    private static readonly CorruptProfile Found = new(0, Keys.HashEntity(0, new EntityTokens { Card = "card" }));

    private static readonly Gen<Label> AnyLabel = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 3], Gen.Bool, Gen.OneOf<string?>(null, "card", "other"), (transaction, hours, fraud, card) => new Label
        {
            TransactionId = $"t{transaction}", EventTimeMs = EventStreams.StartMs,
            LabelTimeMs = EventStreams.StartMs + (hours * 3_600_000L), Fraud = fraud, Card = card,
        });

    private static readonly Gen<(int Transaction, string Card)[]> Payments =
        Gen.Select(Gen.Int[0, 9], Gen.OneOf("card", "other")).Array[0, 20];

    private static readonly Gen<((int Transaction, string Card)[], Label[])> Both = Gen.Select(Payments, AnyLabel.Array[0, 20]);

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
            && rebuilt.Profile.Labels.Recent.Select(label => label.Id).ToHashSet().SetEquals(expected);
    }, iter: 500);

    private static RebuiltProfile New() => new(Keys, Found);

    private static void Record(RebuiltProfile rebuilt, (int Transaction, string Card)[] payments, long offset = 0)
    {
        foreach (var (transaction, card) in payments)
        {
            var payment = TestPayments.Create(
                $"t{transaction}", EventStreams.StartMs + (transaction * 1_000), 100 * (transaction + 1), card);
            var entities = new EntityKey[1];
            Keys.HashEntities(payment, entities);
            var position = new RecordPosition(AppliedOffsets.SourceOf(0, 0), offset++);
            rebuilt.Record(new TransactionRecord(
                position, payment, payment.AmountMinor, Keys.HashTransaction(payment.TransactionId), entities));
        }
    }

    private static void Record(RebuiltProfile rebuilt, Label[] labels)
    {
        foreach (var (offset, label) in labels.Index())
        {
            var position = new RecordPosition(AppliedOffsets.SourceOf(1, 0), offset);
            rebuilt.Record(new LabelRecord(position, [], label, Keys.HashLabel(label), []));
        }
    }

    private static string Describe(EntityProfile profile)
    {
        var copy = new EntityProfile(profile.Plan);
        FraudScoring.Core.Profiles.Codec.ProfileCodec.Read(EntityProfileTests.Bytes(profile), copy);
        copy.Applied.Clear();
        return Convert.ToHexString(EntityProfileTests.Bytes(copy));
    }
}
