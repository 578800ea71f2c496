using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;
using FraudScoring.Server.Api;
using Google.Protobuf;

namespace FraudScoring.Tests.Server.Api;

/// <summary>Tensors written to a message of the Open Inference Protocol and read back. The writer and the reader share no code.</summary>
public sealed class TensorRoundTripTests
{
    private static readonly Gen<long[]> Shapes = Gen.Long[0, 4].Array[0, 3];

    private static readonly Gen<Tensor> Numbers =
        from type in Gen.OneOf([.. TensorType.All.Where(type => !type.IsText)])
        from shape in Shapes
        from bytes in Gen.Byte.Array[(int)Tensor.CountOf(shape) * type.Bytes]
        select new Tensor("t", type, shape, type.Name == "BOOL" ? Array.ConvertAll(bytes, value => (byte)(value & 1)) : bytes);

    private static readonly Gen<Tensor> Texts =
        from shape in Shapes
        from texts in Gen.Byte.Array[0, 12].Array[(int)Tensor.CountOf(shape)]
        select new Tensor("t", TensorType.Text, shape, default, [.. texts.Select(text => (ReadOnlyMemory<byte>)text)]);

    private static readonly Gen<Tensor> Any = Gen.Frequency((5, Numbers), (1, Texts));

    [Test]
    public void Write_AnyTensorRaw_IsReadBackTheSame() => Any.Sample(tensor =>
    {
        var message = Write(raw: true, tensor);
        return message.Outputs[0].Contents is null && IsSame(tensor, ReadRaw(tensor, message.RawOutputContents[0], []));
    }, iter: 2_000, print: Print);

    [Test]
    public void Write_AnyTensorTyped_IsReadBackTheSame_OrIsRawWhereItsTypeHasNoField() => Any.Sample(tensor =>
    {
        var message = Write(raw: false, tensor);
        return tensor.Type.HasContents
            ? message.RawOutputContents.Count == 0 && IsSame(tensor, ReadTyped(tensor, tensor.Shape, message.Outputs[0].Contents, []))
            : message.Outputs[0].Contents is null && IsSame(tensor, ReadRaw(tensor, message.RawOutputContents[0], []));
    }, iter: 2_000, print: Print);

    /// <summary>A message is entirely raw or entirely typed: one tensor without a typed field makes all of them raw.</summary>
    [Test]
    public void Write_SeveralTensors_AreAllRawOrAllTyped() => Gen.Select(Any.Array[1, 4], Gen.Bool).Sample((tensors, raw) =>
    {
        var message = Write(raw, tensors);
        var isRaw = raw || tensors.Any(tensor => !tensor.Type.HasContents);
        return message.RawOutputContents.Count == (isRaw ? tensors.Length : 0)
            && message.Outputs.All(output => output.Contents is null == isRaw)
            && message.Outputs.Zip(tensors).All(pair =>
                pair.First.Shape.SequenceEqual(pair.Second.Shape) && pair.First.Datatype == pair.Second.Type.Name);
    }, iter: 1_000);

    [Test]
    public void Read_AnotherNumberOfElements_IsAFaultThatNamesTheTensor() =>
        Gen.Select(Any.Where(tensor => tensor.Type.HasContents), Gen.Long[1, 3]).Sample((tensor, more) =>
        {
            long[] shape = [.. tensor.Shape, more + 1];
            var message = Write(raw: false, tensor);
            var faults = new Faults();
            var read = ReadTyped(tensor, shape, message.Outputs[0].Contents, faults);
            return Tensor.CountOf(tensor.Shape) == 0 ? read is not null
                : read is null && faults.Count == 1 && faults[0].ToString().StartsWith("where: t ", StringComparison.Ordinal);
        }, iter: 1_000);

    [Test]
    public void ReadRaw_AnyBytes_AreATensorOfThatSizeOrAFault() =>
        Gen.Select(Any, Gen.Byte.Array[0, 64]).Sample((tensor, bytes) =>
        {
            var faults = new Faults();
            var read = ReadRaw(tensor, ByteString.CopyFrom(bytes), faults);
            return read is null
                ? faults.Count == 1
                : faults.Count == 0 && (tensor.Type.IsText
                    ? read.Texts!.Count == Tensor.CountOf(tensor.Shape) && read.Texts.Sum(text => text.Length + 4) == bytes.Length
                    : read.Bytes.Length == bytes.Length && bytes.Length == Tensor.CountOf(tensor.Shape) * tensor.Type.Bytes);
        }, iter: 3_000, print: pair => $"{Print(pair.Item1)} from {Convert.ToHexString(pair.Item2)}");

    [TestCase("INT8", -129)]
    [TestCase("INT8", 128)]
    [TestCase("INT16", 32_768)]
    [TestCase("INT16", -32_769)]
    public void ReadTyped_NumberThatDoesNotFit_IsAFault(string type, int value)
    {
        var faults = new Faults();
        var spec = new Tensor("t", TensorType.Find(type)!, [1], default);
        Assert.That(ReadTyped(spec, [1], new InferTensorContents { IntContents = { value } }, faults), Is.Null);
        Assert.That(faults.Single().ToString(), Does.Contain($"t: a number is outside the range of {type}"));
    }

    [TestCase("UINT8", 256u)]
    [TestCase("UINT16", 65_536u)]
    public void ReadTyped_UnsignedNumberThatDoesNotFit_IsAFault(string type, uint value)
    {
        var faults = new Faults();
        var spec = new Tensor("t", TensorType.Find(type)!, [1], default);
        Assert.That(ReadTyped(spec, [1], new InferTensorContents { UintContents = { value } }, faults), Is.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
    }

    [Test]
    public void ReadTyped_ElementsInTheFieldOfAnotherType_NamesBothFields()
    {
        var faults = new Faults();
        var contents = new InferTensorContents { Fp32Contents = { 1 }, Int64Contents = { 1 } };
        Assert.That(ReadTyped(new Tensor("t", TensorType.Fp32, [1], default), [1], contents, faults), Is.Null);
        Assert.That(faults.Single().ToString(), Does.Contain("fp32_contents").And.Contain("int64_contents"));
    }

    [Test]
    public void ReadRaw_BooleanThatIsNeitherZeroNorOne_IsAFault()
    {
        var faults = new Faults();
        Assert.That(ReadRaw(new Tensor("t", TensorType.Find("BOOL")!, [2], default), ByteString.CopyFrom(1, 2), faults), Is.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
    }

    [Test]
    public void Write_OutputWithClasses_ListsThem()
    {
        var (response, tensor) = (new ModelInferResponse(), new Tensor("t", TensorType.Fp32, [0, 2], default));
        TensorWriter.Write(
            response, [tensor, tensor with { Name = "other" }], [TensorSpec.Floats("t") with { Classes = "[0,1]" }], raw: false);
        Assert.That(response.Outputs[0].Parameters["classes"].StringParam, Is.EqualTo("[0,1]"));
        Assert.That(response.Outputs[1].Parameters, Is.Empty);
    }

    private static ModelInferResponse Write(bool raw, params Tensor[] tensors)
    {
        var response = new ModelInferResponse();
        TensorWriter.Write(response, tensors, [], raw);
        return response;
    }

    private static Tensor? ReadRaw(Tensor tensor, ByteString raw, Faults faults) =>
        TensorReader.ReadRaw(Spec(tensor), tensor.Shape, raw, "where", faults);

    private static Tensor? ReadTyped(Tensor tensor, long[] shape, InferTensorContents contents, Faults faults) =>
        TensorReader.ReadTyped(Spec(tensor), shape, contents, "where", faults);

    private static TensorSpec Spec(Tensor tensor) => new(tensor.Name, tensor.Type, null);

    /// <summary>Compares bits, because NaN must equal NaN here.</summary>
    private static bool IsSame(Tensor written, Tensor? read) =>
        read is not null && read.Type == written.Type && read.Shape.SequenceEqual(written.Shape) && Hex(read) == Hex(written);

    private static string Print(Tensor tensor) => $"{tensor.Type} [{string.Join(", ", tensor.Shape)}] {Hex(tensor)}";

    private static string Hex(Tensor tensor) => tensor.Type.IsText
        ? string.Join(' ', tensor.Texts!.Select(text => Convert.ToHexString(text.Span)))
        : Convert.ToHexString(tensor.Bytes.Span);
}
