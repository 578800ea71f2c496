using FraudScoring.Inference.Attribution;
using FraudScoring.Tests.Training.Export;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Inference.Attribution;

/// <summary>
/// Comparison with the trainers' own contributions. ONNX models contain no cover: LightGBM's counts come from its text model, and XGBoost's
/// hessians from its JSON model. No cover is available for CatBoost and the random forest: only their margins are compared here, and
/// OnnxModelTests compares their contributions with substitute covers.
/// </summary>
public sealed class TreeOracleTests
{
    [TestCase("lightgbm")]
    [TestCase("lightgbm-deep")]
    public void AddContributions_LightGbm_EqualItsOwn(string kind)
    {
        var oracle = new OracleTrees(kind);
        AssertContributions(oracle, oracle.Trees.WithCover(oracle.CoverFromText()));
    }

    [TestCase("lightgbm")]
    [TestCase("lightgbm-deep")]
    public void AddContributions_LightGbmAsExportedHere_NeedNoMoreThanTheGraph(string kind)
    {
        var model = LightGbmModelText.Parse(OracleFiles.Text($"trees/{kind}/model.txt"));
        AssertContributions(new OracleTrees(kind), TreeEnsembleReader.Parse(OnnxRun.TreesAlone(model)));
    }

    [Test]
    public void AddContributions_XgBoost_EqualItsOwn()
    {
        var oracle = new OracleTrees("xgboost");
        AssertContributions(oracle, oracle.Trees.WithCover(oracle.CoverFromJson()));
    }

    [TestCase("lightgbm", 1e-5)]
    [TestCase("lightgbm-deep", 1e-5)]
    [TestCase("xgboost", 1e-5)]
    [TestCase("catboost", 1e-5)]
    [TestCase("random-forest", 1e-6)]
    public void Margin_ModelOfAPublicConverter_EqualsTheTrainers(string kind, double tolerance)
    {
        var oracle = new OracleTrees(kind);
        for (var i = 0; i < oracle.Rows.Length; i++)
        {
            Assert.That(oracle.Trees.Margin(oracle.Rows[i]), Is.EqualTo(oracle.Expected[i][0]).Within(tolerance), $"row {i}");
        }
    }

    [TestCase("lightgbm")]
    [TestCase("xgboost")]
    [TestCase("catboost")]
    [TestCase("random-forest")]
    public void Cover_ModelOfAPublicConverter_IsUnknown(string kind)
    {
        Assert.That(new OracleTrees(kind).Trees.Cover, Is.Null);
    }

    [TestCase("catboost")]
    [TestCase("random-forest")]
    public void AddContributions_CoverOfBackgroundRows_AddUpAndPointTheSameWay(string kind)
    {
        var oracle = new OracleTrees(kind);
        var trees = oracle.Trees.WithCover(oracle.Rows.SelectMany(row => row).ToArray(), oracle.Rows[0].Length);
        var shap = new TreeShap(trees, oracle.Rows[0].Length);
        var (product, own, theirs) = (0.0, 0.0, 0.0);
        foreach (var (i, row) in oracle.Rows.Index())
        {
            var contributions = new double[row.Length];
            shap.AddContributions(row, 1, contributions);
            Assert.That(shap.BaseValue + contributions.Sum(), Is.EqualTo(oracle.Expected[i][0]).Within(1e-4), $"row {i}");
            product += contributions.Zip(oracle.Expected[i].Skip(3), (a, b) => a * b).Sum();
            own += contributions.Sum(c => c * c);
            theirs += oracle.Expected[i].Skip(3).Sum(c => c * c);
        }
        Assert.That(product / Math.Sqrt(own * theirs), Is.GreaterThan(0.98), "cosine with the trainer's, whose cover is the training rows");
    }

    private static void AssertContributions(OracleTrees oracle, DecisionTrees trees)
    {
        var shap = new TreeShap(trees, oracle.Rows[0].Length);
        foreach (var (i, row) in oracle.Rows.Index())
        {
            var contributions = new double[row.Length];
            shap.AddContributions(row, 1, contributions);
            Assert.That(shap.BaseValue, Is.EqualTo(oracle.Expected[i][2]).Within(1e-4));
            Assert.That(contributions, Is.EqualTo(oracle.Expected[i].Skip(3)).Within(1e-4), $"row {i}");
        }
    }
}
