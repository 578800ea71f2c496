using System.Text.Json;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class ThresholdTableTests
{
    private static readonly Thresholds Common = new(0.1, 0.2, 0.3);

    [TestCase("channel", "ecommerce", Channel.Ecommerce, 0, null, true)]
    [TestCase("channel", "ecommerce", Channel.Atm, 0, null, false)]
    [TestCase("channel", "card_present", Channel.CardPresent, 0, null, true)]
    [TestCase("merchant_category", "5411", Channel.Atm, 5411, null, true)]
    [TestCase("merchant_category", "0742", Channel.Atm, 742, null, true)]
    [TestCase("merchant_category", "5411", Channel.Atm, 0, null, false)]
    [TestCase("country", "DE", Channel.Atm, 0, "DE", true)]
    [TestCase("country", "DE", Channel.Atm, 0, "ED", false)]
    [TestCase("country", "DE", Channel.Atm, 0, null, false)]
    public void For_Payment_TakesTheThresholdsOfItsSegment(string by, string value, Channel channel, int category, string? country,
        bool own)
    {
        var table = Compile(new ThresholdPlan(0.1, 0.2, 0.3) { By = by, Segments = [new(value, 0, 0.4, 0.5, 0.6)] });
        Assert.That(table.Select(new PaymentTraits(channel, category, country, 100)),
            Is.EqualTo(own ? new Thresholds(0.4, 0.5, 0.6) : Common));
    }

    [TestCase(0, 0.1)]
    [TestCase(4999, 0.1)]
    [TestCase(5000, 0.4)]
    [TestCase(20049, 0.4)]
    [TestCase(20050, 0.5)]
    [TestCase(long.MaxValue, 0.5)]
    public void For_AmountAtABand_TakesTheUpperOne(long minor, double review)
    {
        var table = Compile(new ThresholdPlan(0.1, 0.6, 0.7)
        {
            Amounts = [50, 200.5], Segments = [new(null, 50, 0.4, 0.6, 0.7), new(null, 200.5, 0.5, 0.6, 0.7)],
        });
        Assert.That(table.Select(new PaymentTraits(Channel.Atm, 0, null, minor)).Review, Is.EqualTo(review));
    }

    [Test]
    public void For_BandOfASegmentWithoutItsOwn_TakesTheCommonOnes()
    {
        var table = Compile(new ThresholdPlan(0.1, 0.2, 0.3) { By = "country", Amounts = [10], Segments = [new("DE", 10, 0.4, 0.5, 0.6)] });
        Assert.That(table.Select(new PaymentTraits(Channel.Atm, 0, "DE", 999)), Is.EqualTo(Common));
        Assert.That(table.Select(new PaymentTraits(Channel.Atm, 0, "DE", 1000)).Review, Is.EqualTo(0.4));
    }

    [Test]
    public void For_AnyPayment_AllocatesNothing()
    {
        var table = Compile(
            new ThresholdPlan(0.1, 0.2, 0.3) { By = "country", Amounts = [10, 20], Segments = [new("DE", 10, 0.4, 0.5, 0.6)] });
        var payment = TestPayments.Full("t", 1);
        table.Select(PaymentTraits.Create(payment, 1500));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            table.Select(PaymentTraits.Create(payment, i * 50));
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Compile_ManyFaults_NamesAll()
    {
        var faults = new Faults();
        var plan = new ThresholdPlan(0.1, 0.2, 0.3)
        {
            By = "channel",
            Amounts = [50],
            Segments = [new("teleport", 0, 0.1, 0.2, 0.3), new("atm", 51, 0.1, 0.2, 0.3),
                new("atm", 50, 0.3, 0.2, 0.1), new("atm", 50, 0.1, 0.2, 0.3), new(null, 0, 0, 0, 1)],
        };
        Assert.That(ThresholdTable.Compile(plan, TestPayments.Euro, "t", faults), Is.Null);
        Assert.That(faults.Select(fault => fault.ToString()), Is.EqualTo(new[]
        {
            "t.segments[0].value: must be a channel", "t.segments[1].amount_from: must be 0 or one of \"amounts\"",
            "t.segments[2]: must ascend from review to challenge to decline, each from 0 to 1",
            "t.segments[3]: repeats an earlier segment; remove one of them", "t.segments[4].value: must be a channel",
        }));
    }

    [TestCase("""{"review": 0.3, "challenge": 0.2, "decline": 0.9, "by": "card"}""", "t: must ascend", "t.by: must be channel")]
    [TestCase("""{"review": 0, "challenge": 0, "decline": 1, "amounts": [50, 50]}""", "t.amounts: must be at most 16")]
    [TestCase("""{"review": 0, "challenge": 0, "decline": 1, "amounts": [0]}""", "t.amounts: must be at most 16")]
    [TestCase("""{"review": 0, "challenge": 0, "decline": 1, """
        + """ "segments": [{"value": "DE", "amount_from": 0, "review": 0, "challenge": 0, "decline": 1}]}""",
        "t.segments[0].value: must be null")]
    public void Compile_BadPlan_SaysWhatIsWrong(string json, params string[] expected)
    {
        var plan = JsonSerializer.Deserialize<ThresholdPlan>(json, FraudScoring.Inference.Ensembles.ModelManifest.Json)!;
        var faults = new Faults();
        Assert.That(ThresholdTable.Compile(plan, TestPayments.Euro, "t", faults), Is.Null);
        Assert.That(faults, Has.Count.EqualTo(expected.Length));
        Assert.That(expected.Zip(faults).All(pair => pair.Second.ToString().StartsWith(pair.First, StringComparison.Ordinal)),
            faults.ToString());
    }

    private static ThresholdTable Compile(ThresholdPlan plan)
    {
        var faults = new Faults();
        var table = ThresholdTable.Compile(plan, TestPayments.Euro, "t", faults);
        Assert.That(faults, Is.Empty);
        return table!;
    }
}
