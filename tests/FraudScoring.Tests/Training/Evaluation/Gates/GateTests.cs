using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

public sealed class GateTests
{
    private static readonly GateSettings Settings = new();

    [Test]
    public void Quality_WorseChallenger_Fails()
    {
        var (better, worse, labels, cards) = TwoModels();
        var options = new BootstrapOptions(200, 0.95, 1);
        var settings = Settings.Quality with { Resamples = 200 };
        var failed = QualityGates.Judge(Findings(0.7, PairedBootstrap.Compare(worse, better, labels, cards, options)), settings).ToArray();
        Assert.That(failed.Select(gate => (gate.Name, gate.Status)), Is.EqualTo(new[]
        {
            (GateNames.AveragePrecision, GateStatus.Failed), (GateNames.Auc, GateStatus.Failed), (GateNames.AbsoluteAuc, GateStatus.Failed),
        }));
        Assert.That(failed[0].Detail, Does.Contain("95 % interval").And.Contain("200 resamples of cards"));
        var passed = QualityGates.Judge(Findings(0.95, PairedBootstrap.Compare(better, worse, labels, cards, options)), Settings.Quality);
        Assert.That(passed.Select(gate => gate.Status), Is.All.EqualTo(GateStatus.Passed));
    }

    [TestCase(0.95, GateStatus.Passed)]
    [TestCase(0.6, GateStatus.Failed)]
    public void Quality_NoChampion_IsJudgedByItselfOnly(double auc, GateStatus status) => Assert.That(
        QualityGates.Judge(Findings(auc, null), Settings.Quality).Select(gate => (gate.Status, gate.Value)),
        Is.EqualTo(new[] { (GateStatus.NotApplicable, (double?)null), (GateStatus.NotApplicable, null), (status, auc) }));

    [Test]
    public void Quality_OneCard_SaysThatPaymentsWereDrawn()
    {
        var (better, worse, labels, _) = TwoModels();
        var differences = PairedBootstrap.Compare(better, worse, labels, new long[labels.Length], new BootstrapOptions(200, 0.95, 1));
        var gate = QualityGates.Judge(Findings(0.95, differences), Settings.Quality).First();
        Assert.That(gate.Detail, Does.Contain("resamples of payments, because there are too few cards to draw by"));
        Assert.That(differences.AveragePrecision.High, Is.GreaterThan(differences.AveragePrecision.Low));
    }

    [Test]
    public void Calibration_ProbabilitiesTooHigh_Fails()
    {
        var (probabilities, labels) = Calibrated(1, 20_000);
        Assert.That(Gates(probabilities).Select(gate => gate.Status), Is.All.EqualTo(GateStatus.Passed));
        double[] tooHigh = [.. probabilities.Select(p => Math.Min(1, p * 1.5))];
        var gates = Gates(tooHigh);
        Assert.That(gates.Select(gate => (gate.Name, gate.Status)), Is.EqualTo(new[]
        {
            (GateNames.RelativeError, GateStatus.Failed), (GateNames.ObservedToExpected, GateStatus.Failed),
            (GateNames.CalibrationTail, GateStatus.Passed),
        }), "the highest probabilities are near 1 already");
        Assert.That(gates.Select(gate => gate.Detail), Has.Exactly(2).Contains("95 % interval").And.Exactly(2).Contains("resamples of cards"));

        GateResult[] Gates(double[] scores) => [.. CalibrationGates.Judge(
            CalibrationFindings.Create(scores, labels, [.. labels.Select((_, i) => i % 700L)], Settings), Settings)];
    }

    private static PredictionFindings Findings(double auc, RankingDifferences? differences)
    {
        var calibration = CalibrationFindings.Create([0.5, 0.5], [true, false], [1, 2], Settings);
        return new PredictionFindings(auc, differences, calibration, [], []);
    }

    [Test]
    public void Stability_OneWeekGuessed_Fails()
    {
        var (probabilities, labels) = Calibrated(2, 21_000);
        int[] days = [.. Enumerable.Range(0, 21_000).Select(i => 100 + (i / 1000))];
        var steady = StabilityGates.Judge(PeriodFold.Cut(probabilities, labels, days, Settings.Stability), Settings.Stability);
        Assert.That(steady.Select(gate => gate.Status), Is.All.EqualTo(GateStatus.Passed));
        var random = new Random(3);
        double[] guessed = [.. probabilities.Select((p, i) => days[i] is >= 107 and < 114 ? random.NextDouble() : p)];
        var folds = PeriodFold.Cut(guessed, labels, days, Settings.Stability);
        var gates = StabilityGates.Judge(folds, Settings.Stability).ToArray();
        Assert.That(gates.Select(gate => gate.Status), Is.All.EqualTo(GateStatus.Failed));
        Assert.That(gates[0].Detail, Does.Contain("3 folds").And.Contain(Days.Text(107)));
        Assert.That(folds.Select(fold => (fold.FirstDay, fold.LastDay, fold.Payments)),
            Is.EqualTo(new[] { (100, 106, 7000), (107, 113, 7000), (114, 120, 7000) }));
    }

    [Test]
    public void Stability_TooFewFrauds_IsNotApplicable()
    {
        var (probabilities, labels) = Calibrated(2, 200);
        var folds = PeriodFold.Cut(probabilities, labels, [.. Enumerable.Range(0, 200).Select(i => i / 10)], Settings.Stability);
        Assert.That(folds.Select(fold => fold.Counts), Is.All.False);
        Assert.That(StabilityGates.Judge(folds, Settings.Stability).Select(gate => gate.Status), Is.All.EqualTo(GateStatus.NotApplicable));
    }

    [Test]
    public void Robustness_OneChangeMovesTooFar_FailsAndNamesIt()
    {
        RobustnessRun[] runs =
        [
            new(RobustnessRuns.Missing, "history of card", new ScoreMoves(100, 0.001, 0.1, 0, 0.001, 0.2)),
            new(RobustnessRuns.Missing, "history of merchant", new ScoreMoves(100, 0.03, 1, 0, 0.002, 0.9)),
            new(RobustnessRuns.Unseen, "channel", null),
        ];
        var gates = RobustnessGates.Judge(runs, Settings.Robustness).ToDictionary(gate => gate.Name);
        Assert.That(gates["robustness.missing.flags_lost"].Status, Is.EqualTo(GateStatus.Failed));
        Assert.That(gates["robustness.missing.decisions_changed"].Detail, Does.Contain("history of merchant"));
        Assert.That(gates["robustness.missing.mean_move"].Status, Is.EqualTo(GateStatus.Passed));
        Assert.That(gates["robustness.unseen.mean_move"].Status, Is.EqualTo(GateStatus.NotApplicable));
        Assert.That(gates.Keys, Has.None.EqualTo("robustness.missing.largest_move"));
    }

    [Test]
    public void Period_BeforeWhatWasLearned_Fails()
    {
        var manifest = Manifest();
        Assert.That(PeriodGates.LearnedUntil([manifest]), Is.Not.Null);
        var learned = PeriodGates.LearnedUntil([manifest])!.Value;
        Assert.That(Gate(learned).Status, Is.EqualTo(GateStatus.Passed));
        Assert.That(Gate(learned - 1).Status, Is.EqualTo(GateStatus.Failed));
        var silent = manifest with { Lineage = manifest.Lineage with { LabelsKnownBy = "" } };
        Assert.That(PeriodGates.Judge(learned, [manifest, silent], [true], Settings.Period).First().Status, Is.EqualTo(GateStatus.Failed));
        Assert.That(PeriodGates.Judge(learned, [manifest], [true, false], Settings.Period).Last().Status, Is.EqualTo(GateStatus.Failed));

        GateResult Gate(int from) => PeriodGates.Judge(from, [manifest], [true], Settings.Period).First();
    }

    [Test]
    public void Latency_MuchSlower_Fails()
    {
        Assert.That(LatencyRace.Gate(new LatencyRace(30, 10, 100), Settings.Latency),
            Has.Property(nameof(GateResult.Status)).EqualTo(GateStatus.Failed)
            .And.Property(nameof(GateResult.Value)).EqualTo(3.0));
        Assert.That(LatencyRace.Gate(new LatencyRace(11, 10, 100), Settings.Latency).Status, Is.EqualTo(GateStatus.Passed));
        Assert.That(LatencyRace.Gate(null, Settings.Latency).Status, Is.EqualTo(GateStatus.NotApplicable));
    }

    [TestCase(7e-8, 0, GateStatus.Passed, GateStatus.Passed)]
    [TestCase(1e-3, 0, GateStatus.Failed, GateStatus.Passed)]
    [TestCase(double.NaN, 0, GateStatus.Failed, GateStatus.Passed)]
    [TestCase(null, 0.001, GateStatus.Failed, GateStatus.Failed)]
    [TestCase(0.0, double.NaN, GateStatus.Passed, GateStatus.Failed)]
    public void Parity_DifferencesOfTheGraph_FailTheirGates(double? recorded, double gap, GateStatus trainer, GateStatus batch)
    {
        var manifest = Manifest() with
        {
            Metrics = recorded is { } difference ? new() { [ParityGates.TrainerDifference] = difference } : [],
        };
        var gates = ParityGates.Judge(manifest, TestCatalogues.Served, [0.1, 0.2, 0.3], [0.1, 0.2 + gap, 0.3], Settings.Parity).ToArray();
        Assert.That(gates.Select(gate => gate.Status), Is.EqualTo(new[] { trainer, batch, GateStatus.Passed }));
        var other = ParityGates.Judge(manifest with { CatalogueHash = "0" }, TestCatalogues.Served, [0.1], [0.1], Settings.Parity);
        Assert.That(other.Last().Status, Is.EqualTo(GateStatus.Failed));
    }

    [Test]
    public void Waivers_OfFailedGates_AreShownAndDoNotHidePassedOnes()
    {
        GateResult[] gates = [GateResult.AtMost("a.b", 2, 1, ""), GateResult.AtMost("c.d", 2, 1, ""), GateResult.AtLeast("e.f", 2, 1, "")];
        var after = Waiver.Apply(gates, [new("a.b", "n", "r"), new("e.f", "n", "r")]);
        Assert.That(after.Select(gate => gate.Status), Is.EqualTo(new[] { GateStatus.Waived, GateStatus.Failed, GateStatus.Passed }));
    }

    [Test]
    public void Waivers_Faulty_AreAllNamed()
    {
        var faults = new Faults();
        Waiver.Check([new("a.b", "n", " "), new("a.b", "n", "r"), new("x.y", "", "r")], ["a.b", "c.d"], faults);
        Assert.That(faults, Has.Count.EqualTo(4));
        Assert.That(faults.Select(fault => fault.ToString()), Has.Exactly(2).Contain("needs a name (--by) and a reason (--because)")
            .And.Exactly(1).Contain("there is no gate 'x.y'; the gates are a.b, c.d")
            .And.Exactly(1).Contain("is given 2 times"));
    }

    private static ModelManifest Manifest()
    {
        var faults = new Faults();
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, faults);
        Assert.That(faults, Is.Empty);
        return bundle!.Manifest;
    }

    /// <summary>Calibrated probabilities: labels are drawn with exactly these probabilities.</summary>
    private static (double[] Probabilities, bool[] Labels) Calibrated(int seed, int count)
    {
        var random = new Random(seed);
        double[] probabilities = [.. Enumerable.Range(0, count).Select(_ => Math.Pow(random.NextDouble(), 6))];
        return (probabilities, [.. probabilities.Select(p => random.NextDouble() < p)]);
    }

    private static (double[] Better, double[] Worse, bool[] Labels, long[] Cards) TwoModels()
    {
        var (better, labels) = Calibrated(4, 5000);
        var random = new Random(5);
        return (better, [.. better.Select(p => p + random.NextDouble())], labels, [.. Enumerable.Range(0, 5000).Select(i => i % 700L)]);
    }
}
