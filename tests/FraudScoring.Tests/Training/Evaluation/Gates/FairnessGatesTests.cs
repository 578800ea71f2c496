using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

public sealed class FairnessGatesTests
{
    private static readonly FairnessSettings Settings = new() { PaymentsAtLeast = 100, FraudsAtLeast = 10, FlaggedRatioAtLeast = 0.8 };

    private readonly List<string> _groups = [];
    private readonly List<double> _probabilities = [];
    private readonly List<bool> _labels = [];

    [SetUp]
    public void Forget()
    {
        _groups.Clear();
        _probabilities.Clear();
        _labels.Clear();
    }

    [Test]
    public void Of_GroupsTreatedAlike_Pass()
    {
        Add("a", 200, flaggedFrauds: 18, frauds: 20, flagged: 10);
        Add("b", 400, flaggedFrauds: 36, frauds: 40, flagged: 20);
        Assert.That(Gates(out _).Select(gate => gate.Status), Is.All.EqualTo(GateStatus.Passed));
    }

    [Test]
    public void Of_OneGroupDeclinedMoreOften_Fails()
    {
        Add("a", 200, flaggedFrauds: 18, frauds: 20, flagged: 2);
        Add("b", 200, flaggedFrauds: 10, frauds: 20, flagged: 80);
        var failed = Gates(out _).Where(gate => gate.Status == GateStatus.Failed);
        Assert.That(failed.Select(gate => (gate.Name, Math.Round(gate.Value!.Value, 6))),
            Is.EqualTo(new[]
        {
            ("fairness.country.approved_ratio", Math.Round(110 / 180.0, 6)), ("fairness.country.flagged_ratio", Math.Round(20 / 90.0, 6)),
            ("fairness.country.opportunity_difference", 0.4), ("fairness.country.false_positive_difference", Math.Round(78 / 180.0, 6)),
            ("fairness.country.odds_difference", Math.Round(78 / 180.0, 6)),
        }));
    }

    [Test]
    public void Of_SmallGroup_IsReportedAndLeftOut()
    {
        Add("a", 200, flaggedFrauds: 18, frauds: 20, flagged: 10);
        Add("b", 200, flaggedFrauds: 18, frauds: 20, flagged: 10);
        Add("tiny", 20, flaggedFrauds: 0, frauds: 10, flagged: 10);
        var gates = Gates(out var segment);
        Assert.That(gates.Select(gate => gate.Status), Is.All.EqualTo(GateStatus.Passed));
        Assert.That(gates[0].Detail, Does.Contain("2 of 3 groups").And.Contain("100 payments or more"));
        Assert.That(segment.Groups.Select(group => (group.Name, group.Counts)),
            Is.EqualTo(new[] { ("a", true), ("b", true), ("tiny", false) }));
        Assert.That(segment.Groups[2].Outcomes.FalsePositiveRate, Is.EqualTo(1));
    }

    [Test]
    public void Of_GroupWithFewFrauds_IsLeftOutOfWhatIsMeasuredOnFrauds()
    {
        Add("a", 200, flaggedFrauds: 18, frauds: 20, flagged: 2);
        Add("b", 200, flaggedFrauds: 0, frauds: 5, flagged: 2);
        var statuses = Gates(out _).ToDictionary(gate => gate.Name, gate => gate.Status);
        Assert.That(statuses["fairness.country.opportunity_difference"], Is.EqualTo(GateStatus.NotApplicable));
        Assert.That(statuses["fairness.country.odds_difference"], Is.EqualTo(GateStatus.NotApplicable));
        Assert.That(statuses["fairness.country.approved_ratio"], Is.EqualTo(GateStatus.Passed));
    }

    [Test]
    public void Of_OneGroupOnly_IsNotApplicable()
    {
        Add("a", 200, flaggedFrauds: 18, frauds: 20, flagged: 2);
        Assert.That(Gates(out _).Select(gate => gate.Status), Is.All.EqualTo(GateStatus.NotApplicable));
    }

    [Test]
    public void Of_GroupOverrated_FailsOnCalibration()
    {
        Add("a", 500, flaggedFrauds: 10, frauds: 10, flagged: 0);
        Add("b", 500, flaggedFrauds: 10, frauds: 10, flagged: 0);
        for (var i = 0; i < _groups.Count; i++)
        {
            _probabilities[i] = _labels[i] ? 1 : _groups[i] == "b" ? 0.08 : 0;
        }
        var failed = Gates(out _).Single(gate => gate.Status == GateStatus.Failed);
        Assert.That(failed.Name, Is.EqualTo("fairness.country.observed_to_expected"));
        Assert.That(failed.Value, Is.GreaterThan(2));
    }

    private void Add(string group, int payments, int flaggedFrauds, int frauds, int flagged)
    {
        for (var i = 0; i < payments; i++)
        {
            var fraud = i < frauds;
            _groups.Add(group);
            _labels.Add(fraud);
            // Probabilities close to the observed frauds, so that calibration alone does not fail. The threshold is 0.5.
            _probabilities.Add(fraud ? (i < flaggedFrauds ? 1 : 0.01) : i < frauds + flagged ? 0.5 : 0);
        }
    }

    private GateResult[] Gates(out FairnessSegment segment)
    {
        var settings = Settings with { RatioAtMost = 2 };
        segment = FairnessSegment.Create("country", _groups, [.. _probabilities], [.. _labels], _ => 0.5, settings);
        return [.. FairnessGates.Judge([segment], settings)];
    }
}
