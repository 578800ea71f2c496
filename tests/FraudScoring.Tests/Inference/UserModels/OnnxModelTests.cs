using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.UserModels;
using FraudScoring.Onnx;
using FraudScoring.Tests.Inference.Attribution;
using static FraudScoring.Onnx.TensorProto.Types;
using Dimension = FraudScoring.Onnx.TensorShapeProto.Types.Dimension;

namespace FraudScoring.Tests.Inference.UserModels;

/// <summary>User models: their results, their explanations, and the reasons for refusing them.</summary>
[Parallelizable]
public sealed class OnnxModelTests
{
    private static IEnumerable<ServedCase> Cases => UserModelFiles.Cases;

    [TestCaseSource(nameof(Cases))]
    public void Run_ModelOfThePublicTools_AnswersAsTheyDo(object one)
    {
        var served = (ServedCase)one;
        var model = UserModelFiles.LoadShared(served.Model);
        var outputs = model.Run([.. served.Inputs.Select(input => input.Tensor)], model.Outputs, default).Tensors;
        Assert.That(outputs.Select(output => output.Name), Is.EqualTo(served.Outputs.Select(output => output.Name)));
        foreach (var (actual, expected) in outputs.Zip(served.Outputs))
        {
            Assert.That(actual.Type.Name, Is.EqualTo(expected.Datatype));
            Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
            Assert.That(Numbers(actual), Is.EqualTo(Numbers(expected.Tensor)).Within(1e-5));
        }
    }

    [Test]
    public void Load_CollectorHoldsFaults_StillLoads()
    {
        using var folder = new UserModelFiles();
        var path = folder.Put("mlp", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        Faults faults = [new Fault("other.onnx", "is wrong")];
        using var model = OnnxModel.Load(new ModelId("mlp", "1"), path, faults);
        Assert.That(model, Is.Not.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
    }

    [Test]
    public void Load_MapAtAnOutput_IsUnwrappedToTheTableItIsMadeOf()
    {
        using var folder = new UserModelFiles();
        folder.Put("zipmap", "1", UserModelFiles.Oracle("served", "mlp-zipmap.onnx"));
        folder.Put("plain", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        using var zipmap = folder.Load("zipmap", "1");
        using var plain = folder.Load("plain", "1");
        var input = UserModelFiles.Cases.Single(one => one.Name == "mlp").Inputs[0].Tensor;
        var probabilities = zipmap.Outputs.Single(output => output.Classes is not null);
        Assert.That(probabilities.Classes, Is.EqualTo("[0,1]"));
        Assert.That(probabilities.Shape, Is.EqualTo(new long[] { -1, 2 }));
        Assert.That(Numbers(zipmap.Run([input], [probabilities], default).Tensors[0]),
            Is.EqualTo(Numbers(plain.Run([input], plain.Outputs, default).Tensors[1])));
    }

    // The random forest's cover.json comes from a forest retrained with scikit-learn 1.2, whose probabilities differ by 4e-13. CatBoost's
    // model.json has CatBoost's layout but was not saved by it: its splits and values are those of the ONNX model, and its leaf weights
    // were counted over the training rows that the oracles' make.py generates. The expected contributions are CatBoost's own.
    [TestCase("lightgbm", "model.txt", 1e-6)]
    [TestCase("lightgbm-deep", "model.txt", 1e-6)]
    [TestCase("xgboost", "model.json", 1e-6)]
    [TestCase("catboost", "model.json", 1e-6)]
    [TestCase("random-forest", "cover.json", 1e-6)]
    public void Explain_TreesWithWhatTheirTrainerSaved_EqualTheTrainersOwn(string kind, string cover, double tolerance)
    {
        using var folder = new UserModelFiles();
        folder.Put(kind, "1", UserModelFiles.Oracle("trees", kind, "model.onnx"), UserModelFiles.Oracle("trees", kind, cover));
        using var model = folder.Load(kind, "1");
        var oracle = new OracleTrees(kind);
        var input = InputOf(model, oracle.Rows);
        var explained = model.Explain([input], default);
        var (contributions, bases) = (Numbers(explained[0]), Numbers(explained[1]));
        for (var i = 0; i < oracle.Rows.Length; i++)
        {
            Assert.That(bases[i], Is.EqualTo(oracle.Expected[i][2]).Within(1e-4));
            Assert.That(contributions.Skip(i * 12).Take(12), Is.EqualTo(oracle.Expected[i].Skip(3)).Within(1e-4), $"row {i}");
        }
        AssertProbabilities(model, input, oracle, tolerance);
    }

    [TestCase("catboost")]
    [TestCase("random-forest")]
    public void Explain_TreesWithBackgroundRows_AddUpToTheMargin(string kind)
    {
        using var folder = new UserModelFiles();
        var path = folder.Put(kind, "1", UserModelFiles.Oracle("trees", kind, "model.onnx"));
        File.Copy(UserModelFiles.Oracle("trees", kind, "rows.csv"), Path.Combine(path, "background.csv"));
        using var model = folder.Load(kind, "1");
        var oracle = new OracleTrees(kind);
        var input = InputOf(model, oracle.Rows);
        var explained = model.Explain([input], default);
        var (contributions, bases) = (Numbers(explained[0]), Numbers(explained[1]));
        for (var i = 0; i < oracle.Rows.Length; i++)
        {
            Assert.That(bases[i] + contributions.Skip(i * 12).Take(12).Sum(), Is.EqualTo(oracle.Expected[i][0]).Within(1e-4), $"row {i}");
        }
        AssertProbabilities(model, input, oracle, 1e-6);
    }

    [Test]
    public void Explain_IsolationForestOfScikitLearn_AddsUpToMinusTheMeanPathLength()
    {
        var model = UserModelFiles.LoadShared("isolation-forest.onnx");
        Assert.That(model.WhyNotExplained, Is.Null);
        float[][] rows = [.. new OracleTrees("random-forest").Rows, Array.ConvertAll(new float[12], _ => 1e6f)];
        var input = InputOf(model, rows);
        var scores = Numbers(model.Run([input], [model.Outputs.Single(output => output.Name == "scores")], default).Tensors[0]);
        var explained = model.Explain([input], default);
        var (contributions, bases) = (Numbers(explained[0]), Numbers(explained[1]));
        // The mean path length of 256 rows, by which scikit-learn normalizes. Its score is 0.5 - 2^(-length / mean).
        var mean = (2 * (Math.Log(255) + 0.5772156649015329)) - (2 * 255.0 / 256);
        for (var i = 0; i < rows.Length; i++)
        {
            var margin = bases[i] + contributions.Skip(i * 12).Take(12).Sum();
            Assert.That(0.5 - Math.Pow(2, margin / mean), Is.EqualTo(scores[i]).Within(1e-5), $"row {i}");
        }
        Assert.That(contributions.TakeLast(12), Has.Some.GreaterThan(0.1), "an outlier has a short path");
    }

    [Test]
    public void WhyNotExplained_ModelsThatCannotBe_SaysWhy()
    {
        using var folder = new UserModelFiles();
        folder.Put("bare", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"));
        folder.Put("mlp", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        string? Why(string name)
        {
            using var model = folder.Load(name, "1");
            return model.WhyNotExplained;
        }
        Assert.That(Why("bare"), Does.Contain("model.txt, model.json, cover.json or background.csv"));
        Assert.That(Why("mlp"), Does.Contain("no trees"));
    }

    [Test]
    public void WhyNotExplained_ForestThatAddsATreeTwice_SaysWhy()
    {
        using var folder = new UserModelFiles();
        var forest = ModelProto.Parser.ParseFrom(File.ReadAllBytes(UserModelFiles.Oracle("served", "isolation-forest.onnx")));
        var sum = forest.Graph.Node.Single(node => node.OpType == "Sum");
        sum.Input[1] = sum.Input[0];
        var faults = new Faults();
        // Not loaded: opening the session of its CUDA twin takes seconds, and says nothing about the explainer.
        var graph = ServedGraph.Load(Path.Combine(folder.Put("forest", "1", forest), ServingManifest.GraphFileName), faults)!;
        var inputs = UserModelFiles.LoadShared("isolation-forest.onnx").Inputs;
        Assert.That(TreeExplainer.Create(graph, inputs, cover: null, out var why, faults), Is.Null);
        Assert.That(why, Does.Contain("it holds 60 tree ensembles and is not an isolation forest of scikit-learn"));
        Assert.That(faults, Is.Empty);
    }

    [TestCase("lightgbm", "lightgbm-deep", "model.txt")]
    [TestCase("catboost", "xgboost", "model.json")]
    [TestCase("xgboost", "catboost", "model.json")]
    [TestCase("lightgbm", "catboost", "model.json")]
    [TestCase("lightgbm", "random-forest", "cover.json")]
    public void Load_CoverOfAnotherModel_IsRefused(string kind, string other, string cover)
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", kind, "model.onnx"), UserModelFiles.Oracle("trees", other, cover));
        Assert.That(folder.Faults("trees", "1").Single(), Does.Contain(cover).And.Contain("save it from the same model"));
    }

    [TestCase("catboost", "\"leaf_weights\":[", "\"leaf_weights\":[7,", "leaf_weights for")]
    [TestCase("catboost", "\"float_feature_index\":8", "\"float_feature_index\":9", "its splits differ")]
    [TestCase("catboost", "FloatFeature", "OnlineCtr", "only splits of numbers")]
    [TestCase("catboost", "\"oblivious_trees\":[", "\"oblivious_trees\":[{},", "101 trees, but the graph has 100")]
    [TestCase("catboost", "\"splits\"", "\"other\"", "")]
    [TestCase("random-forest", "[20000,", "[20000,1,", "nodes in 60 trees")]
    [TestCase("random-forest", "[20000,", "[21000,", "not the sum")]
    [TestCase("random-forest", "[20000,", "[-1,", "not negative")]
    public void Load_CorruptCover_IsRefused(string kind, string right, string wrong, string expected)
    {
        using var folder = new UserModelFiles();
        var cover = kind == "catboost" ? "model.json" : "cover.json";
        var path = folder.Put("trees", "1", UserModelFiles.Oracle("trees", kind, "model.onnx"));
        var text = File.ReadAllText(UserModelFiles.Oracle("trees", kind, cover));
        Assert.That(text, Does.Contain(right));
        File.WriteAllText(Path.Combine(path, cover), text.Replace(right, wrong, StringComparison.Ordinal));
        Assert.That(folder.Faults("trees", "1").Single(),
            Does.Contain(cover).And.Contain(expected).And.Contain("save it from the same model"));
    }

    [Test]
    public void Load_FileThatIsNoModel_IsRefusedWithTheReason()
    {
        using var folder = new UserModelFiles();
        var whole = File.ReadAllBytes(UserModelFiles.Oracle("served", "mlp.onnx"));
        string Fault(byte[] bytes)
        {
            Directory.CreateDirectory(folder.Folder("bad", "1"));
            File.WriteAllBytes(Path.Combine(folder.Folder("bad", "1"), "model.onnx"), bytes);
            return folder.Faults("bad", "1").First();
        }
        Assert.That(Fault([]), Does.Contain("is not an ONNX model"));
        Assert.That(Fault("no model at all"u8.ToArray()), Does.Contain("is not an ONNX model"));
        Assert.That(Fault(whole[..(whole.Length / 2)]), Does.Contain("is not an ONNX model"));
        Assert.That(folder.Faults("nothing", "1").Single(), Does.Contain("does not exist"));
    }

    [Test]
    public void Load_BytesSpoiltAnywhere_IsRefusedOrServedButNeverThrows()
    {
        var random = new Random(11);
        var whole = File.ReadAllBytes(UserModelFiles.Oracle("served", "rank3-dynamic.onnx"));
        using var folder = new UserModelFiles();
        Directory.CreateDirectory(folder.Folder("bad", "1"));
        for (var i = 0; i < 200; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            File.WriteAllBytes(Path.Combine(folder.Folder("bad", "1"), "model.onnx"),
                bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)]);
            folder.Faults("bad", "1");
        }
    }

    [Test]
    public void Load_OperatorThatIsUnknown_IsRefusedWithItsName()
    {
        using var folder = new UserModelFiles();
        var model = Graph();
        model.Graph.Node[0].OpType = "Fancy";
        model.Graph.Node[0].Domain = "com.example";
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });
        folder.Put("custom", "1", model);
        Assert.That(folder.Faults("custom", "1").Single(), Does.Contain("cannot be run").And.Contain("Fancy"));
    }

    [TestCase("../secret.bin")]
    [TestCase("/etc/hostname")]
    [TestCase("sub/weights.bin")]
    [TestCase("")]
    public void Load_TensorsInAFileElsewhere_IsRefused(string location)
    {
        using var folder = new UserModelFiles();
        var path = folder.Put("external", "1", External(location));
        File.WriteAllBytes(Path.Combine(path, "..", "secret.bin"), new byte[64]);
        Assert.That(folder.Faults("external", "1").Single(),
            Does.Contain("not in the model's own folder").And.Contain("save_as_external_data=False"));
    }

    [Test]
    public void Load_TensorsInAFileNextToIt_AreLoaded_ButOnlyIfComplete()
    {
        using var folder = new UserModelFiles();
        var path = folder.Put("external", "1", External("weights.bin"));
        Assert.That(folder.Faults("external", "1").Single(), Does.Contain("does not exist next to it"));
        File.WriteAllBytes(Path.Combine(path, "weights.bin"), new byte[4]);
        Assert.That(folder.Faults("external", "1").Single(), Does.Contain("too short"));
        File.WriteAllBytes(Path.Combine(path, "weights.bin"), [.. new byte[4], .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3f)]);
        using var model = folder.Load("external", "1");
        var output = model.Run([Floats("x", [1, 2], 5, 7)], model.Outputs, default).Tensors;
        Assert.That(Numbers(output[0]), Is.EqualTo(new[] { 7.0, 10.0 }));
        File.Delete(Path.Combine(path, "weights.bin"));
        File.CreateSymbolicLink(Path.Combine(path, "weights.bin"), "/etc/hostname");
        Assert.That(folder.Faults("external", "1").Single(), Does.Contain("not in the model's own folder"));
    }

    [Test]
    public void Load_SequenceThatCannotBeCutOff_IsRefusedWithARemedy()
    {
        using var folder = new UserModelFiles();
        var model = Graph();
        model.Graph.Node.Add(new NodeProto { OpType = "SequenceConstruct", Input = { "y" }, Output = { "all" } });
        // Field 4 of TypeProto is sequence_type, which this project's own schema does not include.
        var sequence = TypeProto.Parser.ParseFrom([0x22, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0x08, 0x01]);
        model.Graph.Output.Add(new ValueInfoProto { Name = "all", Type = sequence });
        folder.Put("sequence", "1", model);
        Assert.That(folder.Faults("sequence", "1").Single(),
            Does.Contain("has the output all").And.Contain("export the model with tensors only"));
    }

    [TestCase("""{"sha256": "00"}""", "was altered")]
    [TestCase("""{"max_rows": 0}""", "max_rows must be at least 1")]
    [TestCase("""{"cover": "../x.txt"}""", "cover must name a file in the same folder")]
    [TestCase("""{"colour": "red"}""", "must be {")]
    [TestCase("""{"ranges": {"probabilities": [1, 0]}}""", "ranges.probabilities must be [lowest, highest]")]
    [TestCase("""{"ranges": {"probabilities": [0]}}""", "ranges.probabilities must be [lowest, highest]")]
    [TestCase("""{"ranges": {"label": [0, 1]}}""", "has no output label of real numbers")]
    [TestCase("no json", "must be {")]
    public void Load_FaultyManifest_IsRefused(string manifest, string expected)
    {
        using var folder = new UserModelFiles();
        var path = folder.Put("mlp", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        File.WriteAllText(Path.Combine(path, ServingManifest.FileName), manifest);
        Assert.That(folder.Faults("mlp", "1").Single(), Does.Contain(expected));
    }

    [TestCase(DataType.Float, "FP32", 4)]
    [TestCase(DataType.Double, "FP64", 8)]
    [TestCase(DataType.Int64, "INT64", 8)]
    [TestCase(DataType.Int32, "INT32", 4)]
    [TestCase(DataType.Bool, "BOOL", 1)]
    [TestCase((DataType)2, "UINT8", 1)]
    [TestCase((DataType)3, "INT8", 1)]
    [TestCase((DataType)5, "INT16", 2)]
    [TestCase((DataType)4, "UINT16", 2)]
    [TestCase((DataType)12, "UINT32", 4)]
    [TestCase((DataType)13, "UINT64", 8)]
    [TestCase((DataType)10, "FP16", 2)]
    public void Run_EveryType_GoesInAndComesOutAsItIs(DataType element, string name, int bytes)
    {
        using var folder = new UserModelFiles();
        folder.Put("same", "1", Identity(element));
        using var model = folder.Load("same", "1");
        Assert.That(model.Inputs.Single().Type.Name, Is.EqualTo(name));
        foreach (var rows in new[] { 3, 0 })
        {
            var data = Enumerable.Range(0, rows * 2 * bytes).Select(i => (byte)(i % 2)).ToArray();
            var output = model.Run([new Tensor("x", model.Inputs[0].Type, [rows, 2], data)], model.Outputs, default).Tensors.Single();
            Assert.That(output.Shape, Is.EqualTo(new long[] { rows, 2 }));
            Assert.That(output.Bytes.ToArray(), Is.EqualTo(data));
        }
    }

    [Test]
    public void Run_Strings_GoInAndComeOutAsTheyAre()
    {
        using var folder = new UserModelFiles();
        folder.Put("same", "1", Identity(DataType.String));
        using var model = folder.Load("same", "1");
        ReadOnlyMemory<byte>[] texts = ["a"u8.ToArray(), Array.Empty<byte>(), "zwölf €"u8.ToArray(), "with\0nul"u8.ToArray()];
        var output = model.Run([new Tensor("x", TensorType.Text, [2, 2], default, texts)], model.Outputs, default).Tensors.Single();
        Assert.That(output.Texts!.Select(text => text.ToArray()), Is.EqualTo(texts.Select(text => text.ToArray())));
    }

    private static void AssertProbabilities(OnnxModel model, Tensor input, OracleTrees oracle, double tolerance)
    {
        var spec = model.Outputs.Single(output => output.Type == TensorType.Fp32);
        var probabilities = Numbers(model.Run([input], [spec], default).Tensors[0]);
        for (var i = 0; i < oracle.Rows.Length; i++)
        {
            Assert.That(probabilities[(2 * i) + 1], Is.EqualTo(oracle.Expected[i][1]).Within(tolerance), $"row {i}");
        }
    }

    private static Tensor InputOf(OnnxModel model, float[][] rows) =>
        Floats(model.Inputs.Single().Name, [rows.Length, 12], [.. rows.SelectMany(row => row)]);

    private static Tensor Floats(string name, long[] shape, params float[] values) =>
        new(name, TensorType.Fp32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static double[] Numbers(Tensor tensor) => tensor.Type.Name switch
    {
        "FP32" => [.. MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray().Select(value => (double)value)],
        "FP64" => MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray(),
        _ => [.. MemoryMarshal.Cast<byte, long>(tensor.Bytes.Span).ToArray().Select(value => (double)value)],
    };

    /// <summary>y = x + w, w = [2, 3].</summary>
    private static ModelProto Graph()
    {
        var model = Identity(DataType.Float);
        model.Graph.Node[0] = new NodeProto { OpType = "Add", Input = { "x", "w" }, Output = { "y" } };
        model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 2, 3 } });
        return model;
    }

    private static ModelProto External(string location)
    {
        var model = Graph();
        var tensor = model.Graph.Initializer[0];
        tensor.FloatData.Clear();
        tensor.DataLocation = DataLocation.External;
        foreach (var (key, value) in new[] { ("location", location), ("offset", "4"), ("length", "8") })
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }
        return model;
    }

    private static ModelProto Identity(DataType element)
    {
        ValueInfoProto Value(string name) => new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)element,
                    Shape = new TensorShapeProto
                    {
                        Dim = { new Dimension { DimParam = "rows" }, new Dimension { DimValue = 2 } },
                    },
                },
            },
        };
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new GraphProto
            {
                Name = "g", Input = { Value("x") }, Output = { Value("y") },
                Node = { new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } } },
            },
        };
    }
}
