using FraudScoring.Server.Scoring;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Scoring;

/// <summary>What is stored of an answer, and how a repeated request is compared with the first.</summary>
public sealed class StoredAnswersTests
{
    private const ulong Seed = 17;

    private static readonly V1.Assessment Answer = new()
    {
        TransactionId = "tx-ü", FraudProbability = 0.25, Decision = V1.Decision.Review, DecisionId = "id",
        Degradations = { V1.Degradation.StaleFeatures }, Reasons = { new V1.Reason { Code = "A", Text = "t" } },
    };

    /// <summary>A field that is added to the message must be compared too.</summary>
    [Test]
    public void Fields_OfAPayment_AreAllComparedButTheId()
    {
        var all = V1.Payment.Descriptor.Fields.InDeclarationOrder().Select(field => $"payment.{field.Name}");
        Assert.That(RequestContents.Fields,
            Is.EqualTo(all.Where(name => name != "payment.transaction_id").Append("model").Append("model_version")));
    }

    [TestCaseSource(nameof(Changes))]
    public void FindDifferences_OneFieldChanged_NamesItAlone(string field, Action<V1.Payment> change)
    {
        var changed = NewPayment();
        change(changed);
        Assert.That(Hash(changed).FindDifferences(Written(NewPayment())), Is.EqualTo(new[] { field }));
        Assert.That(Hash(NewPayment()).FindDifferences(Written(NewPayment())), Is.Empty);
    }

    [Test]
    public void FindDifferences_AnotherModelOrVersion_NamesIt()
    {
        var contents = new RequestContents();
        contents.Hash(NewPayment(), ("m", "2"), Seed);
        Assert.That(contents.FindDifferences(Written(NewPayment())), Is.EqualTo(new[] { "model", "model_version" }));
    }

    [Test]
    public void FindDifferences_AttributesInAnotherOrder_AreTheSame()
    {
        var (one, other) = (NewPayment(), NewPayment());
        one.Attributes.Add("x", new V1.AttributeValue { Text = "1" });
        other.Attributes.Clear();
        other.Attributes.Add("x", new V1.AttributeValue { Text = "1" });
        other.Attributes.Add("a", new V1.AttributeValue { Number = 1 });
        Assert.That(Hash(one).FindDifferences(Written(other)), Is.Empty);
    }

    /// <summary>Without the secret, the stored hash of an amount or a country gives the value away.</summary>
    [Test]
    public void Hash_WithAnotherSecret_DiffersInEveryField()
    {
        var other = new RequestContents();
        other.Hash(NewPayment(), ("", ""), Seed + 1);
        Assert.That(other.FindDifferences(Written(NewPayment())), Is.EqualTo(RequestContents.Fields));
    }

    [Test]
    public void Read_WhatWasWritten_IsTheAnswer_AndHoldsNoTransactionId()
    {
        var stored = StoredAnswers.Write(Hash(NewPayment()), Answer).ToArray();
        Assert.That(System.Text.Encoding.UTF8.GetString(stored), Does.Not.Contain("tx-"));
        Assert.That(StoredAnswers.Read(stored, Hash(NewPayment()), "tx-ü").Assessment, Is.EqualTo(Answer));
        Assert.That(StoredAnswers.Write(Hash(NewPayment()), new()).Length, Is.EqualTo(RequestContents.Length));
    }

    [Test]
    public void Read_ACorruptValue_IsNoAnswerAndNoConflict([Values(0, 10, 63)] int length)
    {
        var stored = Written(NewPayment()).Concat(new byte[] { 255, 255, 255 }).Take(length).ToArray();
        var (assessment, differing) = StoredAnswers.Read(stored, Hash(NewPayment()), "tx");
        Assert.That((assessment, differing.Count), Is.EqualTo(((V1.Assessment?)null, 0)));
    }

    [Test]
    public async Task PendingAnswers_OneIdAtATime_GivesEveryWaiterTheAnswerOrTheTurn()
    {
        var (pending, time) = (new PendingAnswers(), new FakeTimeProvider());
        var (first, second) = (new PendingAnswer(NewPayment(), ("", "")), new PendingAnswer(NewPayment(), ("", "")));
        Assert.That(pending.FindOrBegin("tx", first), Is.Null);
        Assert.That(pending.FindOrBegin("tx", second), Is.SameAs(first));
        Assert.That(pending.FindOrBegin("other", second), Is.Null);
        var late = first.WaitAsync(TimeSpan.FromSeconds(1), time);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(() => late, Throws.InstanceOf<TimeoutException>());
        var waiting = first.WaitAsync(TimeSpan.FromSeconds(1), time);
        pending.End("tx", first, Answer);
        Assert.That(await waiting, Is.SameAs(Answer));
        Assert.That(pending.FindOrBegin("tx", first), Is.Null, "it has ended");
    }

    private static IEnumerable<TestCaseData> Changes()
    {
        yield return Change("payment.event_time", payment => payment.EventTime.Nanos++);
        yield return Change("payment.amount", payment => payment.Amount += "0");
        yield return Change("payment.currency", payment => payment.Currency = "USD");
        yield return Change("payment.card_token", payment => payment.CardToken = "other");
        yield return Change("payment.account_token", payment => payment.AccountToken = "other");
        yield return Change("payment.device_token", payment => payment.DeviceToken = "");
        yield return Change("payment.ip_address", payment => payment.IpAddress = "192.0.2.2");
        yield return Change("payment.merchant_id", payment => payment.MerchantId = "other");
        yield return Change("payment.merchant_category", payment => payment.MerchantCategory = "1");
        yield return Change("payment.country", payment => payment.Country = "FR");
        yield return Change("payment.channel", payment => payment.Channel = V1.Channel.Atm);
        yield return Change("payment.location", payment => payment.Location = new V1.Location());
        yield return Change("payment.attributes", payment => payment.Attributes["a"] = new V1.AttributeValue { Flag = true });
        yield return Change("payment.attributes", payment => payment.Attributes.Clear());
    }

    private static TestCaseData Change(string field, Action<V1.Payment> change) => new(field, change);

    private static V1.Payment NewPayment() => new()
    {
        TransactionId = "tx", EventTime = new Timestamp { Seconds = 1, Nanos = 2 }, Amount = "12.3", Currency = "EUR", CardToken = "card",
        AccountToken = "account", DeviceToken = "device", IpAddress = "192.0.2.1", MerchantId = "merchant", MerchantCategory = "5411",
        Country = "DE", Channel = V1.Channel.Ecommerce, Attributes = { ["a"] = new V1.AttributeValue { Number = 1 } },
    };

    private static RequestContents Hash(V1.Payment payment)
    {
        var contents = new RequestContents();
        contents.Hash(payment, ("", ""), Seed);
        return contents;
    }

    private static byte[] Written(V1.Payment payment)
    {
        var written = new byte[RequestContents.Length];
        Hash(payment).WriteTo(written);
        return written;
    }
}
