using System.Runtime.InteropServices;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Tests.Inference.UserModels;

public sealed class AnswerCheckTests
{
    private static readonly TensorSpec[] Specs =
    [
        TensorSpec.Floats("p") with { Range = ValueRange.Probability }, TensorSpec.Floats("x"),
        new TensorSpec("label", TensorType.Whole64, null),
    ];

    [TestCase("p", 0f, null)]
    [TestCase("p", 1f, null)]
    [TestCase("p", 1.5f, "1.5 in p, whose range is 0 to 1")]
    [TestCase("p", -0.5f, "-0.5 in p, whose range is 0 to 1")]
    [TestCase("p", float.NaN, "NaN in p")]
    [TestCase("x", float.NaN, "NaN in x")]
    [TestCase("x", float.NegativeInfinity, null)]
    public void FindInvalid_ANumber_IsHeldToTheRangeOfItsOutput(string name, float value, string? expected) =>
        Assert.That(AnswerCheck.FindInvalid([Floats(name, 0.5f, value)], Specs), Is.EqualTo(expected));

    [Test]
    public void FindInvalid_OtherTypes_ChecksOnlyRealNumbers()
    {
        Assert.That(AnswerCheck.FindInvalid([CreateTensor("FP64", BitConverter.GetBytes(double.NaN))], []), Is.EqualTo("NaN in y"));
        Assert.That(AnswerCheck.FindInvalid([CreateTensor("FP16", BitConverter.GetBytes(Half.NaN))], []), Is.EqualTo("NaN in y"));
        Assert.That(AnswerCheck.FindInvalid([CreateTensor("BF16", BitConverter.GetBytes((ushort)0x7fc0))], []), Is.EqualTo("NaN in y"));
        Assert.That(AnswerCheck.FindInvalid([CreateTensor("BF16", BitConverter.GetBytes((ushort)0x3f80))], []), Is.Null);
        Assert.That(AnswerCheck.FindInvalid([CreateTensor("INT64", BitConverter.GetBytes(-1L))], []), Is.Null);
        Assert.That(AnswerCheck.FindInvalid([new Tensor("y", TensorType.Text, [1], default, [default])], []), Is.Null);
    }

    [TestCase(1e14f, false, ExpectedResult = true)]
    [TestCase(1e16f, false, ExpectedResult = false)]
    [TestCase(float.NegativeInfinity, true, ExpectedResult = false)]
    [TestCase(float.NaN, false, ExpectedResult = false)]
    [TestCase(float.NaN, true, ExpectedResult = true)]
    public bool AreOrdinary_AValue_IsANumberOfAnySizeThereIs(float value, bool isMissing) =>
        AnswerCheck.AreOrdinary([Floats("x", 1, value)], isMissing);

    private static Tensor Floats(string name, params float[] values) =>
        new(name, TensorType.Fp32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static Tensor CreateTensor(string type, byte[] bytes) => new("y", TensorType.Find(type)!, [1], bytes);
}
