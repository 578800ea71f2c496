using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

/// <summary>
/// Gates can fail: each of the ways to break a good bundle fails at least one, with the limits of the committed gates.json, while the
/// bundle itself passes them all. The predictions of the broken bundles are stored or computed from stored ones.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class GateMutationTests
{
    private static readonly StoredPredictions Stored = StoredPredictions.Read();

    private static readonly GateSettings Settings = ReadSettings();

    private static readonly IReadOnlyList<(string Field, IReadOnlyList<string> Groups)> Segments = Stored.Segments(Settings);

    private static readonly ModelBundle Bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!;

    private static double[] Good => Stored.Variants[StoredPredictions.Unchanged];

    [TestCase(true)]
    [TestCase(false)]
    public void Gates_GoodPredictions_Pass(bool hasChampion) =>
        Assert.That(Failed(Good, hasChampion), Is.Empty);

    [TestCase("halved", GateNames.ObservedToExpected, GateNames.RelativeError, GateNames.CalibrationTail)]
    [TestCase("doubled", GateNames.ObservedToExpected, GateNames.RelativeError)]
    [TestCase("shuffled", GateNames.AbsoluteAuc, GateNames.CalibrationTail)]
    [TestCase("shifted up", GateNames.ObservedToExpected, GateNames.RelativeError)]
    [TestCase("odds halved", GateNames.ObservedToExpected)]
    [TestCase("constant", GateNames.AbsoluteAuc)]
    [TestCase(StoredPredictions.TreesDead, GateNames.ObservedToExpected)]
    [TestCase(StoredPredictions.LinearDead, "fairness.channel.false_positive_difference")]
    [TestCase("sign flipped", GateNames.AbsoluteAuc, GateNames.ObservedToExpected)]
    [TestCase("ranks reversed", GateNames.AbsoluteAuc)]
    public void Gates_BrokenFirstModel_FailsWithoutAChampion(string mutation, params string[] expected)
    {
        var failed = Failed(Mutated(mutation), hasChampion: false);
        Assert.That(expected, Is.SubsetOf(failed));
    }

    [TestCase("ecommerce")]
    [TestCase("contactless")]
    [TestCase("card_present")]
    public void Gates_OneChannelBiased_FailsThatChannel(string channel)
    {
        var groups = Segments.Single(segment => segment.Field == "channel").Groups;
        foreach (var change in new Func<double, double>[] { p => p * 0.4, p => Math.Min(1, p + 0.03) })
        {
            var failed = Failed([.. Good.Select((p, i) => groups[i] == channel ? change(p) : p)], hasChampion: false);
            Assert.That(failed, Does.Contain("fairness.channel.observed_to_expected"));
        }
    }

    [TestCase(StoredPredictions.NoFeature)]
    [TestCase(StoredPredictions.HourLate)]
    [TestCase(StoredPredictions.DayLate)]
    [TestCase(StoredPredictions.TreesDead)]
    [TestCase(StoredPredictions.LinearDead)]
    public void Gates_RanksWorse_FailsAgainstTheChampion(string mutation)
    {
        var failed = Failed(Mutated(mutation), hasChampion: true);
        Assert.That(failed, Does.Contain(GateNames.AveragePrecision));
    }

    private static double[] Mutated(string mutation) => mutation switch
    {
        "halved" => [.. Good.Select(p => p / 2)],
        "doubled" => [.. Good.Select(p => Math.Min(1, 2 * p))],
        "shuffled" => Shuffled(),
        "shifted up" => [.. Good.Select(p => Math.Min(1, p + 0.01))],
        "odds halved" => [.. Good.Select(p => WithOdds(p, 0.5))],
        "constant" => [.. Good.Select(_ => Stored.Labels.Count(fraud => fraud) / (double)Stored.Labels.Length)],
        "sign flipped" => [.. Good.Select(p => 1 - p)],
        "ranks reversed" => Reversed(),
        _ => Stored.Variants[mutation],
    };

    private static double WithOdds(double p, double factor) => p * factor / ((p * factor) + 1 - p);

    private static double[] Shuffled()
    {
        double[] shuffled = [.. Good];
        new Random(1).Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>The same probabilities, the lowest for the payment that had the highest.</summary>
    private static double[] Reversed()
    {
        int[] order = [.. Enumerable.Range(0, Good.Length).OrderBy(i => Good[i])];
        var reversed = new double[order.Length];
        for (var rank = 0; rank < order.Length; rank++)
        {
            reversed[order[rank]] = Good[order[^(rank + 1)]];
        }
        return reversed;
    }

    private static string[] Failed(double[] challenger, bool hasChampion)
    {
        var predictions = new GatePredictions(challenger, hasChampion ? Good : null, Stored.Labels, Stored.Payments, Segments);
        var findings = PredictionFindings.Create(predictions, ReviewedFrom, Settings);
        GateResult[] gates =
        [
            .. QualityGates.Judge(findings, Settings.Quality), .. CalibrationGates.Judge(findings.Calibration, Settings),
            .. StabilityGates.Judge(findings.Folds, Settings.Stability), .. FairnessGates.Judge(findings.Fairness, Settings.Fairness),
        ];
        return [.. gates.Where(gate => gate.Status == GateStatus.Failed).Select(gate => gate.Name)];
    }

    private static double ReviewedFrom(TestPayment payment) => Bundle.Thresholds.Select(payment.Traits).Review;

    private static GateSettings ReadSettings()
    {
        var settings = GateSettingsReader.Parse(RepositoryFiles.Bytes("models", "gates.json"), new())!;
        Assert.That(settings.Fairness.FlaggedFrom, Is.EqualTo(Decision.Review));
        // Fewer draws, for time; the limits stay.
        return settings with { Quality = settings.Quality with { Resamples = 200 } };
    }
}
