using FraudScoring.Inference.Compilation;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using FraudScoring.Tests.Inference.Attribution;
using FraudScoring.Tests.Training.Export;
using Google.Protobuf;

namespace FraudScoring.Tests.Inference.Compilation;

/// <summary>Models written by the public converters of LightGBM, XGBoost, CatBoost and scikit-learn.</summary>
[Parallelizable]
public sealed class CudaTwinOracleTests
{
    [TestCase("lightgbm")]
    [TestCase("lightgbm-deep")]
    [TestCase("xgboost")]
    [TestCase("catboost")]
    [TestCase("random-forest")]
    public void Compile_ModelOfAPublicConverter_ReturnsTheTrainersProbability(string kind)
    {
        var oracle = new OracleTrees(kind);
        foreach (var form in new TreeForm?[] { null, TreeForm.Matrix, TreeForm.Perfect, TreeForm.Pointers })
        {
            var twin = TwinRuns.Twin(Model($"trees/{kind}/model.onnx"), form);
            var outputs = TwinRuns.Run(twin, oracle.Rows, 12);
            var probabilities = outputs["probabilities"].Where((_, i) => i % 2 == 1).ToArray();
            Assert.That(probabilities, Is.EqualTo(oracle.Expected.Select(row => row[1])).Within(1e-6), $"{form}");
        }
    }

    [TestCase("lightgbm")]
    [TestCase("lightgbm-deep")]
    [TestCase("xgboost")]
    [TestCase("catboost")]
    [TestCase("random-forest")]
    public void Compile_ModelOfAPublicConverter_ReturnsTheLabelsOfTheModelItself(string kind)
    {
        var oracle = new OracleTrees(kind);
        var model = Model($"trees/{kind}/model.onnx");
        Assert.That(TwinRuns.Run(TwinRuns.Twin(model), oracle.Rows, 12)["label"],
            Is.EqualTo(TwinRuns.Run(model, oracle.Rows, 12)["label"]));
    }

    [Test]
    public void Compile_IsolationForestOfScikitLearn_AgreesWithTheModelItself()
    {
        var model = Model("served/isolation-forest.onnx");
        using var own = CpuDevice.Open(model.ToByteArray());
        var width = own.InputMetadata["X"].Dimensions[1];
        var random = new Random(3);
        float[][] rows = [.. Enumerable.Range(0, 200)
            .Select(_ => Enumerable.Range(0, width).Select(_ => (8 * random.NextSingle()) - 4).ToArray())];
        var wanted = TwinRuns.Run(own, [.. rows.SelectMany(row => row)], rows.Length, width);
        var got = TwinRuns.Run(TwinRuns.Twin(model), rows, width);
        Assert.That(got["scores"], Is.EqualTo(wanted["scores"]).Within(1e-5));
        Assert.That(got["label"], Is.EqualTo(wanted["label"]));
    }

    private static ModelProto Model(string name) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(OracleFiles.Path(name)));
}
