using System.Runtime.InteropServices;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Compilation;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.UserModels;
using FraudScoring.Onnx;
using FraudScoring.Tests.Inference.Attribution;
using FraudScoring.Tests.Inference.Batching;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.UserModels;

/// <summary>User models of trees and their CUDA twins. A scripted device or the CPU stands in for a GPU.</summary>
public sealed class OnnxModelDeviceTests
{
    private static readonly BatchSettings Always = new() { TransferThreshold = 1 };
    private readonly HeardDevices _heard = new();

    [SetUp]
    public void Forget() => _heard.Clear();

    [TestCase("lightgbm")]
    [TestCase("lightgbm-deep")]
    [TestCase("xgboost")]
    [TestCase("catboost")]
    [TestCase("random-forest")]
    public void Load_TreesOfAPublicConverter_GetATwinThatReturnsTheTrainersProbability(string kind)
    {
        using var folder = new UserModelFiles();
        folder.Put(kind, "1", UserModelFiles.Oracle("trees", kind, "model.onnx"));
        var device = new ScriptedDevice();
        using var model = folder.Load(kind, "1", Settings(device));
        var oracle = new OracleTrees(kind);
        var answer = model.Run([Rows(model, oracle.Rows)], model.Outputs, default);
        Assert.That(answer.Device, Is.EqualTo("scripted"));
        var probabilities = Numbers(answer.Tensors.Single(tensor => tensor.Type == TensorType.Fp32)).Where((_, i) => i % 2 == 1);
        Assert.That(probabilities, Is.EqualTo(oracle.Expected.Select(row => row[1])).Within(1e-6));
        Assert.That(_heard.Changes, Is.EqualTo(new[] { (CircuitState.Closed, "used for 1 or more rows at a time") }));
    }

    [TestCase("lightgbm")]
    [TestCase("random-forest")]
    public void Placement_NoDevice_ReportsTheTwin(string kind)
    {
        using var folder = new UserModelFiles();
        folder.Put(kind, "1", UserModelFiles.Oracle("trees", kind, "model.onnx"));
        using var model = folder.Load(kind, "1");
        Assert.That(model.Placement, Is.EqualTo("on the CPU; its CUDA twin returns the same answers"));
        Assert.That(model.DeviceState, Is.Null);
    }

    [Test]
    public void Placement_IsolationForestOfScikitLearn_ReportsTheTwin()
    {
        var model = UserModelFiles.LoadShared("isolation-forest.onnx");
        Assert.That(model.Placement, Is.EqualTo("on the CPU; its CUDA twin returns the same answers"));
    }

    [Test]
    public void Placement_ModelsWithoutATwin_SaysWhy()
    {
        using var folder = new UserModelFiles();
        folder.Put("mlp", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        using (var mlp = folder.Load("mlp", "1", Settings(new ScriptedDevice())))
        {
            Assert.That(mlp.Placement, Is.EqualTo("on the CPU, without a CUDA twin: it holds no trees"));
        }
        var texts = Oracle("xgboost");
        var trees = texts.Graph.Node.Single(node => node.OpType == "TreeEnsembleClassifier");
        var labels = trees.Attribute.Single(attribute => attribute.Name == "classlabels_int64s");
        trees.Attribute[trees.Attribute.IndexOf(labels)] = new AttributeProto
        {
            Name = "classlabels_strings", Type = AttributeProto.Types.AttributeType.Strings,
            Strings = { ByteString.CopyFromUtf8("good"), ByteString.CopyFromUtf8("bad") },
        };
        texts.Graph.Output.Single(output => output.Name == "label").Type.TensorType.ElemType = (int)TensorProto.Types.DataType.String;
        folder.Put("texts", "1", texts);
        using var model = folder.Load("texts", "1", Settings(new ScriptedDevice()));
        Assert.That(model.Placement, Does.Contain("without a CUDA twin").And.Contain("a GPU cannot return labels that are strings"));
        Assert.That(_heard.Changes, Is.Empty);
    }

    [Test]
    public void Difference_TwinWithOneLeafMoved_IsFound()
    {
        var model = Oracle("lightgbm");
        var twin = CudaTwin.Compile(model, new())!;
        using var own = CpuDevice.Open(model.ToByteArray());
        TensorSpec[] inputs = [TensorSpec.Create("input", own.InputMetadata["input"], hasShape: true)!];
        TensorSpec[] outputs = [.. own.OutputNames.Select(name => TensorSpec.Create(name, own.OutputMetadata[name], hasShape: true)!)];
        var sample = SampleInputs.Create(model.Graph, inputs);
        Assert.That(CheckedCudaTwin.Difference(own, twin.ToByteArray(), sample, outputs), Is.Null);
        var leaves = twin.Graph.Initializer.Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Float)
            .MaxBy(tensor => tensor.RawData.Length)!;
        var values = MemoryMarshal.Cast<byte, float>(leaves.RawData.Span).ToArray();
        Array.ForEach(Enumerable.Range(0, values.Length).ToArray(), i => values[i] += 0.001f);
        leaves.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        Assert.That(CheckedCudaTwin.Difference(own, twin.ToByteArray(), sample, outputs),
            Does.StartWith("the twin returns different answers from the model"));
        Assert.That(CheckedCudaTwin.Difference(own, twin.ToByteArray(), null, outputs), Does.Contain("no rows can be generated"));
    }

    [Test]
    public void Run_DeviceFails_IsAnsweredByTheCpu_AndTriedAgainWhenItsPauseIsOver()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "xgboost", "model.onnx"));
        var (device, clock) = (new ScriptedDevice(), new FakeTimeProvider());
        using var model = folder.Load("trees", "1", Settings(device) with { Time = clock }, work => work());
        var input = Rows(model, new OracleTrees("xgboost").Rows);
        string Ask() => model.Run([input], model.Outputs, default).Device;
        device.OnSessionRun = () => throw new DeviceFailedException("it fell off the bus");
        Assert.That((Ask(), model.DeviceState), Is.EqualTo(("cpu", CircuitState.Open)));
        Assert.That((Ask(), device.Opened, device.Closed), Is.EqualTo(("cpu", 1, 1)), "the device is not tried again yet");
        clock.Advance(Always.FirstPause);
        Assert.That((Ask(), model.DeviceState, device.Opened), Is.EqualTo(("cpu", CircuitState.Open, 2)), "it fails the comparison");
        device.OnSessionRun = null;
        clock.Advance(Always.FirstPause);
        Assert.That((Ask(), device.Opened), Is.EqualTo(("cpu", 2)), "the second pause is longer");
        clock.Advance(Always.FirstPause);
        Assert.That((Ask(), Ask(), model.DeviceState), Is.EqualTo(("cpu", "scripted", CircuitState.Closed)),
            "the request that starts the probe does not wait for it");
        Assert.That(_heard.Changes.Select(change => change.State),
            Is.EqualTo(new[] { CircuitState.Closed, CircuitState.Open, CircuitState.Open, CircuitState.Closed }));
        Assert.That(_heard.Changes[1].Reason, Is.EqualTo("it fell off the bus"));
    }

    [Test]
    public void Run_NoThreadToOpenTheDeviceOn_IsAnsweredByTheCpu_AndTheDeviceIsTriedAgain()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "xgboost", "model.onnx"));
        var (device, clock, hasThreads) = (new ScriptedDevice(), new FakeTimeProvider(), false);
        using var model = folder.Load("trees", "1", Settings(device) with { Time = clock }, work =>
        {
            if (!hasThreads)
            {
                throw new ThreadStateException("no thread");
            }
            work();
        });
        var input = Rows(model, new OracleTrees("xgboost").Rows);
        string Ask() => model.Run([input], model.Outputs, default).Device;
        device.OnSessionRun = () => throw new DeviceFailedException("it fell off the bus");
        Assert.That((Ask(), model.DeviceState), Is.EqualTo(("cpu", CircuitState.Open)));
        device.OnSessionRun = null;
        clock.Advance(Always.FirstPause);
        Assert.That((Ask(), model.DeviceState, device.Opened), Is.EqualTo(("cpu", CircuitState.Open, 1)));
        hasThreads = true;
        clock.Advance(Always.FirstPause * 2);
        Assert.That((Ask(), Ask(), model.DeviceState), Is.EqualTo(("cpu", "scripted", CircuitState.Closed)));
    }

    [Test]
    public void Run_DeviceReturnsNaN_IsAnsweredByTheCpu_AndIsDown()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"));
        var device = new ScriptedDevice();
        using var model = folder.Load("trees", "1", Settings(device), _ => { });
        device.Spoil = values => values[1].GetTensorMutableDataAsSpan<float>()[1] = float.NaN;
        var answer = model.Run([Rows(model, new OracleTrees("lightgbm").Rows)], model.Outputs, default);
        Assert.That((answer.Device, model.DeviceState), Is.EqualTo(("cpu", CircuitState.Open)));
        Assert.That(AnswerCheck.FindInvalid(answer.Tensors, model.Outputs), Is.Null);
        Assert.That(_heard.Changes[^1].Reason,
            Is.EqualTo("returned NaN in probabilities; the CPU returned a valid answer for the same rows"));
    }

    [Test]
    public void Run_InputThatTheCpuDoesNotTakeEither_IsNoFailureOfTheDevice()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"));
        using var model = folder.Load("trees", "1", Settings(new ScriptedDevice()), _ => { });
        var bad = new Tensor("input", TensorType.Fp32, [1, 2], new byte[8]);
        Assert.That(() => model.Run([bad], model.Outputs, default), Throws.InstanceOf<ModelRunException>());
        Assert.That(model.DeviceState, Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void Load_DeviceThatRefusesOrFails_ServesOnTheCpuAndSaysWhy()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"));
        var refusing = new ScriptedDevice { OnOpen = () => throw new DeviceRefusedException("1 of 9 nodes are not run by it") };
        using (var model = folder.Load("trees", "1", Settings(refusing)))
        {
            Assert.That(model.Run([Rows(model, new OracleTrees("lightgbm").Rows)], model.Outputs, default).Device, Is.EqualTo("cpu"));
            Assert.That(model.Placement, Does.EndWith("(Refused: 1 of 9 nodes are not run by it)"));
        }
        var wrong = new ScriptedDevice { Spoil = values => values[1].GetTensorMutableDataAsSpan<float>().Fill(0.5f) };
        using var compared = folder.Load("trees", "1", Settings(wrong), _ => { });
        Assert.That((compared.DeviceState, wrong.Closed), Is.EqualTo((CircuitState.Open, 1)));
        Assert.That(_heard.Changes[^1].Reason,
            Does.StartWith("returned a different answer from the CPU: probabilities has 0.5 instead of"));
    }

    [Test]
    public void Run_FewerRowsThanTheThreshold_RunOnTheCpu()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"));
        using var model =
            folder.Load("trees", "1", Settings(CpuDevice.Instance) with { Batch = new BatchSettings { TransferThreshold = 10 } });
        var device = new ScriptedDevice();
        using var other = folder.Load("trees", "1", Settings(device) with { Batch = new BatchSettings { TransferThreshold = 10 } });
        var rows = new OracleTrees("lightgbm").Rows;
        Assert.That(other.Run([Rows(other, rows[..9])], other.Outputs, default).Device, Is.EqualTo("cpu"));
        Assert.That(other.Run([Rows(other, rows[..10])], other.Outputs, default).Device, Is.EqualTo("scripted"));
    }

    [Test]
    public void Run_FromManyThreadsWhileTheDeviceComesAndGoes_AlwaysAnswers()
    {
        using var folder = new UserModelFiles();
        folder.Put("trees", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"));
        var runs = 0;
        var device = new ScriptedDevice();
        using var model = folder.Load("trees", "1",
            Settings(device) with { Batch = Always with { FirstPause = TimeSpan.Zero, LongestPause = TimeSpan.Zero } });
        device.OnSessionRun = () =>
        {
            if (Interlocked.Increment(ref runs) % 7 == 0)
            {
                throw new DeviceFailedException("now and then");
            }
        };
        var oracle = new OracleTrees("lightgbm");
        var input = Rows(model, oracle.Rows[..20]);
        var expected = oracle.Expected.Take(20).Select(row => row[1]).ToArray();
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            var answer = model.Run([input], model.Outputs, default);
            var got = Numbers(answer.Tensors[1]).Where((_, i) => i % 2 == 1).ToArray();
            if (got.Zip(expected, (a, b) => Math.Abs(a - b)).Max() > 1e-6)
            {
                throw new InvalidOperationException($"{answer.Device} returned {string.Join(", ", got)}");
            }
        });
        Assert.That(_heard.Changes.Select(change => change.State), Does.Contain(CircuitState.Open));
    }

    private EnsembleSettings Settings(IDevice device) => new() { Device = device, Batch = Always, Reports = _heard };

    private static ModelProto Oracle(string kind) =>
        ModelProto.Parser.ParseFrom(File.ReadAllBytes(UserModelFiles.Oracle("trees", kind, "model.onnx")));

    private static Tensor Rows(OnnxModel model, float[][] rows) =>
        new(model.Inputs.Single().Name, TensorType.Fp32, [rows.Length, rows[0].Length],
        MemoryMarshal.AsBytes(rows.SelectMany(row => row).ToArray().AsSpan()).ToArray());

    private static double[] Numbers(Tensor tensor) =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray(), value => (double)value);

    /// <summary>Records the reported device states. A device is tried again on a thread of its own, so states may arrive at any time.</summary>
    private sealed class HeardDevices : InferenceReports
    {
        private readonly Lock _lock = new();
        private readonly List<(CircuitState State, string Reason)> _changes = [];

        /// <summary>The states so far.</summary>
        public (CircuitState State, string Reason)[] Changes
        {
            get
            {
                lock (_lock)
                {
                    return [.. _changes];
                }
            }
        }

        public void Clear()
        {
            lock (_lock)
            {
                _changes.Clear();
            }
        }

        public override void DeviceChanged(ModelId model, string device, CircuitState state, string reason)
        {
            lock (_lock)
            {
                _changes.Add((state, reason));
            }
        }
    }
}
