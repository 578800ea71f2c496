using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;
using FraudScoring.Server.Api;
using Google.Protobuf;
using static FraudScoring.Oip.ModelInferRequest.Types;

namespace FraudScoring.Tests.Server.Api;

/// <summary>Valid and invalid requests of the Open Inference Protocol, and the responses to invalid ones.</summary>
public sealed class InferenceReaderTests
{
    private static readonly TensorLimits Limits = new ServingOptions().Limits;
    private readonly Dictionary<string, OnnxModel> _models = UserModelFiles.Cases.Select(one => one.Name).Append("mlp-zipmap")
        .ToDictionary(name => name, name => UserModelFiles.LoadShared(name + ".onnx"));

    [Test]
    public void Read_RawAndTyped_AreTheSameTensors([Values("pipeline-strings", "mlp", "isolation-forest", "rank3-dynamic")] string name)
    {
        var one = UserModelFiles.Cases.Single(c => c.Name == name);
        var (raw, typed) = (Read(InferenceMessages.Create(one, raw: true)), Read(InferenceMessages.Create(one, raw: false)));
        Assert.That(raw.IsRaw && !typed.IsRaw, Is.True);
        Assert.That(raw.Outputs, Is.EqualTo(_models[name].Outputs));
        foreach (var (a, b) in raw.Inputs.Zip(typed.Inputs))
        {
            Assert.That(a.Bytes.ToArray(), Is.EqualTo(b.Bytes.ToArray()));
            Assert.That(a.Texts?.Select(text => text.ToArray()), Is.EqualTo(b.Texts?.Select(text => text.ToArray())));
        }
    }

    [Test]
    public void Read_EverythingWrong_NamesItAllWithWhatWasExpectedAndWhatCame()
    {
        var request = new ModelInferRequest { ModelName = "pipeline-strings" };
        request.Inputs.Add(new InferInputTensor { Name = "amount", Datatype = "FP64", Shape = { 7, 1 } });
        request.Inputs.Add(new InferInputTensor { Name = "hour", Datatype = "INT64", Shape = { 7, 2 } });
        request.Inputs.Add(new InferInputTensor { Name = "secret-4711", Datatype = "FP32", Shape = { 1 } });
        request.Inputs.Add(new InferInputTensor
        {
            Name = "country", Datatype = "BYTES", Shape = { 3, 1 },
            Contents = new InferTensorContents { BytesContents = { ByteString.Empty } },
        });
        request.Outputs.Add(new InferRequestedOutputTensor { Name = "score" });
        request.Parameters["explain"] = new InferParameter { BoolParam = true };
        var text = Faults(request);
        Assert.That(text, Does.Contain("inputs[0].datatype: amount must be FP32, but is FP64"));
        Assert.That(text, Does.Contain("inputs[1].shape: must fit hour INT64 [any, 1], but is [7, 2]"));
        Assert.That(text, Does.Contain(
            "inputs[2].name: is not an input of the model pipeline-strings; its inputs are amount FP32 [any, 1], hour INT64 [any, 1]"));
        Assert.That(text, Does.Contain("inputs[3].contents: country [3, 1] has 3 elements; the message has 1 in bytes_contents"));
        Assert.That(text, Does.Contain("inputs: channel BYTES [any, 1] is missing"));
        Assert.That(text, Does.Contain("outputs[0].name: is not an output of the model pipeline-strings; its outputs are label INT64"));
        Assert.That(text, Does.Contain("parameters[explain]: the model pipeline-strings cannot be explained: it holds no trees"));
        Assert.That(text, Does.Not.Contain("4711"), "values from the request are never repeated");
    }

    [Test]
    public void Read_TooMuch_SaysHowMuchIsTaken()
    {
        var request = InferenceMessages.Create(UserModelFiles.Cases.Single(c => c.Name == "mlp"), raw: true);
        request.Inputs[0].Shape[0] = Limits.MaxRows + 1;
        Assert.That(Faults(request), Does.Contain($"{Limits.MaxRows + 1} rows; at most {Limits.MaxRows} are allowed"));
        var wide = InferenceMessages.Create(UserModelFiles.Cases.Single(c => c.Name == "rank3-dynamic"), raw: true);
        wide.Inputs[0].Shape[2] = 1_000_000_000_000;
        Assert.That(Faults(wide), Does.Contain("at most 1000000 elements are allowed"));
    }

    [Test]
    public void Read_RawOfAnotherLength_SaysBoth()
    {
        var request = InferenceMessages.Create(UserModelFiles.Cases.Single(c => c.Name == "mlp"), raw: true);
        request.RawInputContents[0] = ByteString.CopyFrom(new byte[7]);
        Assert.That(Faults(request), Does.Contain("raw_input_contents[0]: X FP32 [5, 12] has 240 bytes; the message has 7"));
        request.RawInputContents.Add(ByteString.Empty);
        Assert.That(Faults(request), Does.Contain("raw_input_contents: must be empty or have one entry per input (1); it has 2"));
        var strings = InferenceMessages.Create(UserModelFiles.Cases.Single(c => c.Name == "pipeline-strings"), raw: true);
        strings.RawInputContents[2] = ByteString.CopyFrom([255, 255, 255, 255, 1]);
        Assert.That(Faults(strings),
            Does.Contain(
                "country [7, 1] must be 7 strings, each after its length in four bytes, little endian; read 0, with 5 bytes left over"));
    }

    [Test]
    public void Read_AnyMessage_IsRefusedWithAReasonOrRuns()
    {
        var random = new Random(20261124);
        var right = UserModelFiles.Cases.SelectMany(one =>
            new[] { InferenceMessages.Create(one, raw: true), InferenceMessages.Create(one, raw: false) }).ToArray();
        var (ran, refused) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var request = InferenceMessages.Spoil(right[i % right.Length], random);
            var model = _models[request.ModelName];
            var faults = new Faults();
            var read = InferenceReader.Parse(request, model, Limits, faults);
            Assert.That(read is null, Is.EqualTo(faults.Count > 0), () => request.ToString());
            try
            {
                ran += read is not null && model.Run(read.Inputs, read.Outputs, default).Tensors.Count == read.Outputs.Count ? 1 : 0;
                refused += read is null ? 1 : 0;
            }
            catch (ModelRunException)
            {
                // The runtime itself rejected the values. The response is the same as for an invalid request.
            }
        }
        Assert.That(ran, Is.GreaterThan(3000));
        Assert.That(refused, Is.GreaterThan(3000));
    }

    [Test]
    public void Read_CollectorHoldsManyFaults_StillReadsAllTensors()
    {
        var faults = new Faults();
        faults.AddRange(Enumerable.Repeat(new Fault("inputs", "are wrong in another request"), 2_000));
        foreach (var one in UserModelFiles.Cases)
        {
            var request = InferenceMessages.Create(one, raw: true);
            var read = InferenceReader.Parse(request, _models[request.ModelName], Limits, faults);
            Assert.That(read?.Inputs, Has.Count.EqualTo(request.Inputs.Count), one.Name);
        }
        Assert.That(faults, Has.Count.EqualTo(2_000));
    }

    private InferenceReader Read(ModelInferRequest request)
    {
        var faults = new Faults();
        var read = InferenceReader.Parse(request, _models[request.ModelName], Limits, faults);
        Assert.That(read, Is.Not.Null, () => faults.ToString());
        return read!;
    }

    private string Faults(ModelInferRequest request)
    {
        var faults = new Faults();
        Assert.That(InferenceReader.Parse(request, _models[request.ModelName], Limits, faults), Is.Null);
        return faults.ToString();
    }
}
