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
        _context = new ScoringContext(TestCatalogues.Served) { Payment = TestPayments.Full("tx", 1) };
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
        var assessment = _writer.Write(_context, new PolicyOutcome(decision, 0, ListHit.None), null, null, 0, degradation);
        Assert.That((assessment.Decision.ToString(), assessment.Degradation.ToString()),
            Is.EqualTo((decision.ToString(), degradation.ToString())));
    }

    [Test]
    public void Write_WithAModel_SaysItsScoreAndEveryMember()
    {
        var assessment = _writer.Write(_context, Outcome(), new EnsembleScore(0.25, -1), _ensemble, 2, Degradation.None);
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
        var assessment = _writer.Write(_context, Outcome(), null, null, 0, Degradation.RulesOnly);
        Assert.That((assessment.FraudProbability, assessment.Model, assessment.MemberScores.Count), Is.EqualTo((0, "", 0)));
        var withoutScore = _writer.Write(_context, Outcome(), null, _ensemble, 0, Degradation.RulesOnly);
        Assert.That(withoutScore.Model, Is.Empty, "a model that returned no score");
    }

    /// <summary>The context is reused. Reasons beyond the count belong to an earlier payment.</summary>
    [Test]
    public void Write_AnyNumberOfReasons_SaysThoseAlone([Range(0, ReasonSelector.MaxReasons)] int count)
    {
        var assessment = _writer.Write(_context, Outcome(), null, null, count, Degradation.None);
        Assert.That(assessment.Reasons.Select(reason => (reason.Code, reason.Text, reason.Contribution)),
            Is.EqualTo(Enumerable.Range(0, count).Select(i => ($"R{i}", $"text {i}", i + 0.5))));
    }

    [Test]
    public void Event_WithAndWithoutAModel_HoldsTheRowTheTimeAndTheBundle()
    {
        _context.Row[0] = 17;
        var (message, assessment) = (new V1.Payment { TransactionId = "tx" }, new V1.Assessment());
        var record = _writer.Event(_context, message, assessment, _ensemble);
        Assert.That(record.Features, Is.EqualTo(_context.Row));
        Assert.That((record.Payment, record.Assessment), Is.EqualTo((message, assessment)));
        Assert.That((record.BundleHash, record.DecisionTime.ToDateTimeOffset()), Is.EqualTo((_ensemble.Bundle.Hash, _time.GetUtcNow())));
        Assert.That(_writer.Event(_context, message, assessment, null).BundleHash, Is.Empty);
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

    private static PolicyOutcome Outcome() => new(Decision.Review, 0, ListHit.None);
}
