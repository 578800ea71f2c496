using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class DecisionPolicyTests
{
    private const string AtLeast100 = "features.amount >= 100";
    private static readonly ThresholdTable Model = ThresholdTable.Create(new Thresholds(0.1, 0.3, 0.5));

    [TestCase(0, Decision.Approve)]
    [TestCase(0.0999999, Decision.Approve)]
    [TestCase(0.1, Decision.Review)]
    [TestCase(0.2999999, Decision.Review)]
    [TestCase(0.3, Decision.Challenge)]
    [TestCase(0.4999999, Decision.Challenge)]
    [TestCase(0.5, Decision.Decline)]
    [TestCase(1, Decision.Decline)]
    public void Decide_ProbabilityAtAThreshold_TakesTheGraverSide(double probability, Decision expected) =>
        Assert.That(Decide(TestPolicies.Create(), probability: probability).Decision, Is.EqualTo(expected));

    [Test]
    public void Decide_PolicyHasThresholds_TheyReplaceTheModels()
    {
        var policy = TestPolicies.Create(thresholds: """{"review": 0.6, "challenge": 0.7, "decline": 0.8}""");
        Assert.That(Decide(policy, probability: 0.59).Decision, Is.EqualTo(Decision.Approve));
        Assert.That(Decide(policy, probability: 0.8).Decision, Is.EqualTo(Decision.Decline));
    }

    [Test]
    public void Decide_PolicyHasThresholdsOfSegments_TheyReplaceTheModels()
    {
        var policy = TestPolicies.Create(thresholds: """
            {"review": 0.6, "challenge": 0.7, "decline": 0.8, "by": "channel", "amounts": [50],
             "segments": [{"value": "ecommerce", "amount_from": 50, "review": 0.01, "challenge": 0.02, "decline": 0.03}]}
            """);
        var payment = TestPayments.Create("t", 1);
        Assert.That(policy.Decide(payment, 4999, Row(), 0.59, Model).Decision, Is.EqualTo(Decision.Approve));
        Assert.That(policy.Decide(payment, 5000, Row(), 0.05, Model).Decision, Is.EqualTo(Decision.Decline));
        Assert.That(policy.Decide(TestPayments.Full("t", 1), 5000, Row(), 0.59, Model).Decision, Is.EqualTo(Decision.Approve));
    }

    [TestCase("approve", Decision.Approve)]
    [TestCase("challenge", Decision.Challenge)]
    public void Decide_NoModelRan_TakesThePolicysDecision(string text, Decision expected) =>
        Assert.That(Decide(TestPolicies.Create(withoutModel: text), probability: null).Decision, Is.EqualTo(expected));

    [Test]
    public void Decide_ProbabilityIsNoNumber_IsAsIfNoModelRan()
    {
        var policy = TestPolicies.Create(withoutModel: "challenge");
        Assert.That(Decide(policy, probability: double.NaN).Decision, Is.EqualTo(Decision.Challenge));
    }

    [Test]
    public void Decide_OnAList_ListDecidesWhateverModelAndRulesSay()
    {
        var policy = TestPolicies.Create(TestPolicies.Rule("A", "decline", AtLeast100), "\"card\": [\"bad\"]",
            "\"merchant\": [\"good\"], \"card\": [\"friend\"]");
        Assert.That(Decide(policy, card: "bad", probability: 0), Is.EqualTo(new PolicyOutcome(Decision.Decline, 0, ListHit.Blocked)));
        Assert.That(Decide(policy, merchant: "good", probability: 1, amount: 500),
            Is.EqualTo(new PolicyOutcome(Decision.Approve, 0, ListHit.Trusted)));
        Assert.That(Decide(policy, card: "friend", probability: 1).List, Is.EqualTo(ListHit.Trusted));
    }

    [Test]
    public void Decide_BlockedAndTrusted_Declines()
    {
        var policy = TestPolicies.Create(blocked: "\"card\": [\"both\"]", trusted: "\"card\": [\"both\"], \"merchant\": [\"good\"]");
        Assert.That(Decide(policy, card: "both", merchant: "good").Decision, Is.EqualTo(Decision.Decline));
    }

    [TestCase("BAD")]
    [TestCase("bad ")]
    [TestCase("")]
    public void Decide_AlmostOnAList_IsNotOnIt(string card)
    {
        var policy = TestPolicies.Create(blocked: "\"card\": [\"bad\"], \"device\": [\"\"]");
        Assert.That(Decide(policy, card: card).List, Is.EqualTo(ListHit.None));
    }

    [Test]
    public void Decide_AttributeOnAList_IsFound() =>
        Assert.That(TestPolicies.Create(blocked: "\"attributes.tier\": [\"gold\"]")
            .Decide(TestPayments.Full("t", 1), 100, Row(), 0, Model).List,
            Is.EqualTo(ListHit.Blocked));

    [Test]
    public void Decide_RuleHolds_RaisesButNeverLowers()
    {
        var rules = TestPolicies.Rule("A", "review", AtLeast100) + "," + TestPolicies.Rule("B", "approve", AtLeast100);
        var policy = TestPolicies.Create(rules);
        Assert.That(Decide(policy, probability: 0, amount: 100), Is.EqualTo(new PolicyOutcome(Decision.Review, 0b11, ListHit.None)));
        Assert.That(Decide(policy, probability: 0.9, amount: 100).Decision, Is.EqualTo(Decision.Decline));
        Assert.That(Decide(policy, probability: 0, amount: 99.99f), Is.EqualTo(new PolicyOutcome(Decision.Approve, 0, ListHit.None)));
    }

    [Test]
    public void Decide_RulesWithoutModel_RaiseThePolicysDecision() =>
        Assert.That(Decide(TestPolicies.Create(TestPolicies.Rule("A", "decline", AtLeast100)), probability: null, amount: 100).Decision,
            Is.EqualTo(Decision.Decline));

    [Test]
    public void Decide_AnyRules_GravestOfThoseThatHoldDecides()
    {
        string[] names = ["approve", "review", "challenge", "decline"];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var rules = Enumerable.Range(0, random.Next(1, DecisionPolicy.MaxRules + 1))
                .Select(_ => (Then: random.Next(4), Bound: random.Next(100), Least: random.Next(2) == 0)).ToArray();
            var policy = TestPolicies.Create(string.Join(",", rules.Select((r, i) => TestPolicies.Rule(
                $"R{i}", names[r.Then], $"features.amount {(r.Least ? ">=" : "<=")} {r.Bound}"))));
            var (amount, probability) = (random.Next(100), random.NextDouble());
            var holding = rules.Select((r, i) => (r, i)).Where(x => x.r.Least ? amount >= x.r.Bound : amount <= x.r.Bound).ToArray();
            var expected = holding.Select(x => (Decision)(x.r.Then + 1)).Append(Model.Default.Decide(probability)).Max();
            Assert.That(Decide(policy, probability: probability, amount: amount),
                Is.EqualTo(new PolicyOutcome(expected, holding.Aggregate(0UL, (bits, x) => bits | (1UL << x.i)), ListHit.None)),
                $"seed {seed}");
        }
    }

    [TestCase("features.rate >= 0")]
    [TestCase("features.rate <= 0")]
    [TestCase("features.rate in [0]")]
    [TestCase("has(features.rate)")]
    public void Decide_ValueIsMissing_RuleDoesNotHold(string when)
    {
        var policy = TestPolicies.Create(TestPolicies.Rule("A", "decline", when));
        Assert.That(policy.Decide(TestPayments.Create("t", 1), 100, [1, float.NaN, 1, 0], 0, Model).Decision, Is.EqualTo(Decision.Approve));
    }

    [Test]
    public void Decide_OneConditionFails_RuleDoesNotHold()
    {
        var policy = TestPolicies.Create(TestPolicies.Rule("A", "decline", $"{AtLeast100} && features.count <= 3"));
        Assert.That(policy.Decide(TestPayments.Create("t", 1), 100, [100, 0, 3, 0], 0, Model).Decision, Is.EqualTo(Decision.Decline));
        Assert.That(policy.Decide(TestPayments.Create("t", 1), 100, [100, 0, 3.5f, 0], 0, Model).Decision, Is.EqualTo(Decision.Approve));
    }

    [Test]
    public void Decide_ServedPolicyWarm_AllocatesNothing()
    {
        var faults = new Faults();
        var policy = PolicyReader.Parse(RepositoryFiles.Bytes("models", "policy.json"), TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        var row = new float[TestCatalogues.Served.Features.Count];
        var payment = TestPayments.Full("t", 1);
        policy.Decide(payment, 100, row, 0.5, Model);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            policy.Decide(payment, 100, row, 0.5, Model);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [TestCase("payment.amount == 12.5 && payment.currency == \"EUR\"")]
    [TestCase("payment.card == \"card\" && payment.account == \"account\" && payment.device == \"device\"")]
    [TestCase("payment.ip_address.startsWith(\"10.\") && payment.merchant == \"merchant\"")]
    [TestCase("payment.merchant_category in [5411, 5412] && payment.country in [\"DE\", \"FR\"]")]
    [TestCase("payment.channel == \"contactless\"")]
    [TestCase("payment.latitude > 52 && payment.longitude < 14")]
    [TestCase("payment.attributes.tier == \"gold\" && payment.numbers[\"retries\"] == 2")]
    [TestCase("!has(payment.attributes.retries) && !has(payment.numbers.tier) && !has(payment.attributes.none)")]
    [TestCase("features.count == 3 && score == 0.25")]
    public void Decide_RuleOverAFullPayment_ReadsEveryField(string when) =>
        Assert.That(Fires(when, TestPayments.Full("t", 1), 1250, [0, 0, 3, 0], 0.25), Is.True);

    [TestCase("!has(payment.amount) && !(payment.amount > 0) && !(payment.amount <= 0)", -1)]
    [TestCase("!has(payment.account) && !has(payment.device) && !has(payment.ip_address) && !has(payment.country)", 100)]
    [TestCase("!has(payment.merchant_category) && !has(payment.latitude) && !has(score)", 100)]
    public void Decide_RuleOverASparsePayment_SeesWhatIsMissing(string when, long amount) =>
        Assert.That(Fires(when, TestPayments.Create("t", 1), amount, Row(), null), Is.True);

    /// <summary>Features have single precision, and 0.7f is less than 0.7.</summary>
    [TestCase("features.amount >= 0.7 && features.amount == 0.7 && features.amount in [0.7]", ExpectedResult = true)]
    [TestCase("features.amount > 0.7 || 0.7 != features.amount", ExpectedResult = false)]
    public bool Decide_FeatureAtABound_IsComparedInItsPrecision(string when) =>
        Fires(when, TestPayments.Create("t", 1), 100, Row(0.7f), 0);

    [Test]
    public void Decide_RuleOverEveryKindOfField_AllocatesNothing()
    {
        var policy = TestPolicies.Create(TestPolicies.Rule("A", "decline", """
            payment.amount * 2 > 1 && payment.card.startsWith("ca") && payment.channel in ["atm", "contactless"] && has(payment.numbers.retries)
            && payment.attributes.tier.lowerAscii() == "gold" && payment.merchant.matches("^m.*t$") && features.count in [3, 4] && score < 0.5
            """));
        var payment = TestPayments.Full("t", 1);
        float[] row = [0, 0, 3, 0];
        Assert.That(policy.Decide(payment, 100, row, 0.25, Model).FiredRules, Is.EqualTo(1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            policy.Decide(payment, 100, row, 0.25, Model);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [TestCase(0, 0, 0, true)]
    [TestCase(0.1, 0.1, 1, true)]
    [TestCase(-0.1, 0.1, 1, false)]
    [TestCase(0.2, 0.1, 1, false)]
    [TestCase(0.1, 0.3, 0.2, false)]
    [TestCase(0.1, 0.3, 1.1, false)]
    [TestCase(double.NaN, 0.3, 1, false)]
    [TestCase(0.1, double.NaN, 1, false)]
    [TestCase(0.1, 0.3, double.NaN, false)]
    public void AreValid_Thresholds_MustBeAscendingProbabilities(double review, double challenge, double decline, bool expected) =>
        Assert.That(new Thresholds(review, challenge, decline).AreValid, Is.EqualTo(expected));

    private static bool Fires(string when, Payment payment, long amount, float[] row, double? probability) =>
        TestPolicies.Create(TestPolicies.Rule("A", "decline", when)).Decide(payment, amount, row, probability, Model).FiredRules == 1;

    private static float[] Row(float amount = 1) => [amount, 0, 0, 0];

    private static PolicyOutcome Decide(DecisionPolicy policy, string card = "c", string merchant = "m", double? probability = 0.0,
        float amount = 1) =>
        policy.Decide(TestPayments.Create("t", 1, card: card, merchant: merchant), 100, Row(amount), probability, Model);
}
