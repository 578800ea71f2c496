using FraudScoring.LoadTest.Scores;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class AnswerTests
{
    private static readonly Assessment Scored = new()
    {
        TransactionId = "t", FraudProbability = 0, Decision = Decision.Review, Degradation = Degradation.StaleFeatures,
        Degradations = { Degradation.StaleFeatures }, MemberScores = { new MemberScore { Member = "trees", Margin = -2 } },
        Reasons = { new Reason { Code = "AMOUNT", Contribution = 1 } }, Model = "payments", ModelVersion = "1", DecisionId = "d",
    };

    [Test]
    public void OfService_WithAProbability_IsScored() => Assert.That(
        Read(Scored), Is.EqualTo(new Answer(Outcome.Scored, Degradation: Degradation.StaleFeatures, Decision: Decision.Review)));

    [Test]
    public void OfService_WithoutAProbability_IsWithoutModel()
    {
        var assessment = Scored.Clone();
        assessment.ClearFraudProbability();
        Assert.That(Read(assessment).Outcome, Is.EqualTo(Outcome.WithoutModel));
    }

    [Test]
    public void OfService_RulesOnly_IsWithoutModel()
    {
        var assessment = Scored.Clone();
        assessment.Degradation = Degradation.RulesOnly;
        Assert.That(Read(assessment).Outcome, Is.EqualTo(Outcome.WithoutModel));
    }

    [Test]
    public void Find_AFieldBehindOthers_IsItsContent()
    {
        var assessment = WireFields.Find(Serialised(Scored), ScoreResponse.AssessmentFieldNumber);
        Assert.That(WireFields.Find(assessment, Assessment.ModelVersionFieldNumber).ToArray(), Is.EqualTo("1"u8.ToArray()));
        Assert.That(WireFields.Find(assessment, Assessment.PolicyHashFieldNumber).ToArray(), Is.Empty);
    }

    private static Answer Read(Assessment assessment) => Answer.OfService(Serialised(assessment));

    private static byte[] Serialised(Assessment assessment) => new ScoreResponse
    {
        Assessment = assessment, StageTimes = { new StageTime { Stage = "infer", Micros = 3 } }, Replayed = true,
    }.ToByteArray();
}
