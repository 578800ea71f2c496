using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Scoring;
using FraudScoring.Tests.Core.Decisions;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Scoring;

/// <summary>The decision in the response and in the decision's record.</summary>
public sealed class AssessmentWriterTests
{
    private static readonly DecisionPolicy Policy = TestPolicies.Create();

    private static readonly DegradationSet RulesOnly = default(DegradationSet).With(Degradation.RulesOnly);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private Ensemble _ensemble = null!;
    private ScoringContext _context = null!;
    private AssessmentWriter _writer = null!;

    [OneTimeSetUp]
    public void Load()
    {
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!;
        _ensemble = Ensemble.Load(bundle, TestCatalogues.Served.Features.Count, new())!;
        _writer = new AssessmentWriter(TestCatalogues.Served, Policy, _time);
    }

    [OneTimeTearDown]
    public void Unload() => _ensemble.Dispose();

    [SetUp]
    public void NewContext()
    {
        _context = new ScoringContext(TestCatalogues.Served)
        {
            Payment = TestPayments.Full("tx", 1), Rates = TestCatalogues.ServedRates,
        };
        for (var i = 0; i < _context.Reasons.Length; i++)
        {
            _context.Reasons[i] = new Reason($"R{i}", $"text {i}", i + 0.5);
            _context.MemberMargins[i] = i - 1.5f;
        }
    }

    /// <summary>The two enums are declared separately. A cast must not change the decision.</summary>
    [Test]
    public void Write_EachDecisionAndDegradation_KeepsItsName([Values] Decision decision, [Values] Degradation degradation)
    {
        var set = default(DegradationSet).With(degradation);
        var assessment = _writer.Write(_context, new PolicyOutcome(decision, 0, ListHit.None), null, null, 0, set);
        Assert.That((assessment.Decision.ToString(), assessment.Degradation.ToString()),
            Is.EqualTo((decision.ToString(), degradation.ToString())));
        Assert.That(assessment.Degradations.Select(each => each.ToString()),
            Is.EqualTo(degradation == Degradation.None ? [] : new[] { degradation.ToString() }));
    }

    [Test]
    public void Write_SeveralDegradations_SaysAll_TheMostSevereFirst()
    {
        var set = default(DegradationSet).With(Degradation.StaleFeatures).With(Degradation.RulesOnly);
        var assessment = _writer.Write(_context, Outcome(), null, null, 0, set);
        Assert.That(assessment.Degradation, Is.EqualTo(V1.Degradation.RulesOnly));
        Assert.That(assessment.Degradations, Is.EqualTo(new[] { V1.Degradation.RulesOnly, V1.Degradation.StaleFeatures }));
        AssessmentWriter.Replace(assessment, set.With(Degradation.Unrecorded));
        Assert.That(assessment.Degradations, Is.EqualTo(
            new[] { V1.Degradation.RulesOnly, V1.Degradation.Unrecorded, V1.Degradation.StaleFeatures }));
    }

    [Test]
    public void Write_EachDecision_HasAnIdOfItsOwn_ThatBeginsWithItsTime()
    {
        var first = Guid.Parse(_writer.Write(_context, Outcome(), null, null, 0, default).DecisionId);
        var second = Guid.Parse(_writer.Write(_context, Outcome(), null, null, 0, default).DecisionId);
        Assert.That(first, Is.Not.EqualTo(second));
        Assert.That(first.ToString()[..13], Is.EqualTo(Guid.CreateVersion7(_time.GetUtcNow()).ToString()[..13]));
    }

    [Test]
    public void Write_WithAModel_SaysItsScoreAndEveryMember()
    {
        var assessment = _writer.Write(_context, Outcome(), new EnsembleScore(0.25, -1), _ensemble, 2, default);
        var manifest = _ensemble.Bundle.Manifest;
        Assert.That((assessment.TransactionId, assessment.FraudProbability, assessment.Model, assessment.ModelVersion),
            Is.EqualTo(("tx", 0.25, manifest.Model, manifest.Version)));
        Assert.That(assessment.MemberScores.Select(member => member.Member), Is.EqualTo(manifest.Members));
        Assert.That(assessment.MemberScores.Select(member => member.Margin), Is.EqualTo(manifest.Members.Select((_, i) => i - 1.5f)));
        Assert.That((assessment.CatalogueHash, assessment.PolicyHash), Is.EqualTo((TestCatalogues.Served.Hash, Policy.Hash)));
    }

    [Test]
    public void Write_WithoutAModel_SaysNeitherScoreNorModel()
    {
        var assessment = _writer.Write(_context, Outcome(), null, null, 0, RulesOnly);
        Assert.That((assessment.FraudProbability, assessment.Model, assessment.MemberScores.Count), Is.EqualTo((0, "", 0)));
        var withoutScore = _writer.Write(_context, Outcome(), null, _ensemble, 0, RulesOnly);
        Assert.That(withoutScore.Model, Is.Empty, "a model that returned no score");
    }

    /// <summary>The context is reused. Reasons beyond the count belong to an earlier payment.</summary>
    [Test]
    public void Write_AnyNumberOfReasons_SaysThoseAlone([Range(0, ReasonSelector.MaxReasons)] int count)
    {
        var assessment = _writer.Write(_context, Outcome(), null, null, count, default);
        Assert.That(assessment.Reasons.Select(reason => (reason.Code, reason.Text, reason.Contribution)),
            Is.EqualTo(Enumerable.Range(0, count).Select(i => ($"R{i}", $"text {i}", i + 0.5))));
    }

    [Test]
    public void Event_WithAndWithoutAModel_HoldsTheRowTheTimeAndTheBundle()
    {
        _context.Row[0] = 17;
        var (message, assessment) = (new V1.Payment { TransactionId = "tx" }, new V1.Assessment());
        var record = _writer.Event(_context, message, assessment, Outcome(), _ensemble, TimeSpan.FromMilliseconds(1500));
        Assert.That(record.Features, Is.EqualTo(_context.Row));
        Assert.That((record.Payment, record.Assessment), Is.EqualTo((message, assessment)));
        Assert.That((record.BundleHash, record.DecisionTime.ToDateTimeOffset()), Is.EqualTo((_ensemble.Bundle.Hash, _time.GetUtcNow())));
        Assert.That(record.LagSeconds, Is.EqualTo(1.5));
        Assert.That(Event(_writer, Outcome()).BundleHash, Is.Empty);
    }

    [Test]
    public void Event_RulesMatched_NamesThemInTheOrderOfThePolicy()
    {
        var policy = TestPolicies.Create(string.Join(", ", Rule("A", "review"), Rule("B", "review"), Rule("C", "decline")));
        var record = Event(new AssessmentWriter(TestCatalogues.Served, policy, _time), new PolicyOutcome(Decision.Decline, 0b101, ListHit.None));
        Assert.That(record.MatchedRules.Select(rule => (rule.Code, rule.Then)),
            Is.EqualTo(new[] { ("A", V1.Decision.Review), ("C", V1.Decision.Decline) }));
        Assert.That(record.MatchedListEntries, Is.Empty);
    }

    /// <summary>A blocking list decides, but a reader of the record must see that a trusting one disagreed.</summary>
    [Test]
    public void Event_PaymentOnSeveralLists_NamesEachListAndField()
    {
        var payment = _context.Payment;
        var policy = TestPolicies.Create(
            blocked: $"\"merchant\": [\"{payment.Merchant}\"], \"device\": [\"other\"]", trusted: $"\"card\": [\"{payment.Card}\"]");
        var outcome = policy.Decide(payment, 100, new float[4], 0, null);
        var record = Event(new AssessmentWriter(TestCatalogues.Served, policy, _time), outcome);
        Assert.That(record.MatchedListEntries.Select(entry => (entry.List, entry.Field)),
            Is.EqualTo(new[] { (V1.PolicyList.Blocked, "merchant"), (V1.PolicyList.Trusted, "card") }));
    }

    [Test]
    public void Event_Always_NamesTheRatesThatConvertedTheAmount() =>
        Assert.That(Event(_writer, Outcome()).RatesHash, Is.EqualTo(TestCatalogues.ServedRates.Hash).And.Length.EqualTo(64));

    [Test]
    public void Event_EntitiesNotRead_NamesThem()
    {
        Assert.That(Event(_writer, Outcome()).MissingEntities, Is.Empty);
        _context.Reads.AreMissing[1] = _context.Reads.AreMissing[3] = true;
        var entities = TestCatalogues.Served.Entities;
        Assert.That(Event(_writer, Outcome()).MissingEntities, Is.EqualTo(new[] { entities[1].Name, entities[3].Name }));
    }

    [Test]
    public void Return_AContext_ForgetsThePaymentAndTheModelThatWasAskedFor()
    {
        _context.Model = ("m", "1");
        _context.IsWarmUp = true;
        Assert.That(new ScoringContextPolicy(TestCatalogues.Served).Return(_context), Is.True);
        Assert.That((_context.Payment, _context.Model, _context.IsWarmUp), Is.EqualTo(((Payment?)null, ("", ""), false)));
    }

    [Test]
    public async Task StageClock_StageThatIsMarkedTwice_HasBothTimes_AndAStartForgetsThem()
    {
        var clock = new StageClock();
        clock.Start();
        await Task.Delay(5);
        clock.Mark(ScoringStage.Infer);
        var first = clock.MicrosOf(ScoringStage.Infer);
        clock.Mark(ScoringStage.Decide);
        await Task.Delay(5);
        clock.Mark(ScoringStage.Infer);
        Assert.That(first, Is.GreaterThan(2_000));
        Assert.That(clock.MicrosOf(ScoringStage.Infer) - first, Is.GreaterThan(2_000));
        clock.Start();
        Assert.That(ScoringStages.All.Select(clock.MicrosOf), Is.All.Zero);
    }

    private static string Rule(string code, string then) => TestPolicies.Rule(code, then, "features.amount >= 1");

    private V1.DecisionEvent Event(AssessmentWriter writer, PolicyOutcome outcome) =>
        writer.Event(_context, new(), new(), outcome, null, TimeSpan.Zero);

    private static PolicyOutcome Outcome() => new(Decision.Review, 0, ListHit.None);
}
