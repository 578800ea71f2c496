using System.Text;
using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.Tests.Core.Features;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Tests.Server.Features;

/// <summary>Values as the serializers of a schema registry and as editors and shells write them.</summary>
public sealed class SchemaFrameTests
{
    private const long NowMs = 1_795_980_000_000;
    private static readonly byte[] Head = [0, 0, 0, 0, 42];
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private static readonly PaymentLimits Limits = RecordLimits.Since(DateTimeOffset.UnixEpoch);
    private static readonly byte[] Transaction =
        new TransactionEvent { Payment = EventWriter.ToProto(TestPayments.Full("t", NowMs)) }.ToByteArray();
    private static readonly byte[] Label = EventWriter.ToProto(
        new Label { TransactionId = "t", EventTimeMs = 1_000, LabelTimeMs = 2_000, Fraud = true, Card = "card" }).ToByteArray();

    [TestCase(new byte[] { 0 }, TestName = "Transaction_TheShorthandOfTheFirstMessage_IsRead")]
    [TestCase(new byte[] { 2, 0 }, TestName = "Transaction_TheIndexOfTheFirstMessage_IsRead")]
    public void Transaction_Framed(byte[] indexes) => Assert.That(ReadTransaction([.. Head, .. indexes, .. Transaction]), Is.Empty);

    [TestCase(new byte[] { 0 }, TestName = "Label_TheOnlyMessageOfItsSchema_IsRead")]
    [TestCase(new byte[] { 2, 2 }, TestName = "Label_ByItsIndexInTheFile_IsRead")]
    public void Label_Framed(byte[] indexes) => Assert.That(ReadLabel([.. Head, .. indexes, .. Label]), Is.Empty);

    [Test]
    public void Label_JsonInAFrame_IsRead([Values("", "\uFEFF", " \r\n\t")] string before) => Assert.That(
        ReadLabel([.. Head, .. Encoding.UTF8.GetBytes(before + JsonFormatter.Default.Format(LabelEvent.Parser.ParseFrom(Label)))]), Is.Empty);

    [TestCase("plain.json")]
    [TestCase("bom.json")]
    [TestCase("space.json")]
    [TestCase("newline.json")]
    [TestCase("trailing.json")]
    [TestCase("framed-label.bin")]
    public void Label_FromAFile_IsRead(string file)
    {
        var faults = new Faults();
        var value = RepositoryFiles.Bytes("tests", "FraudScoring.Tests", "Server", "Features", "LabelFiles", file);
        var label = LabelRecord.Parse(new RecordPosition(0, 0), value, Keys, Limits, NowMs, faults);
        Assert.That(faults, Is.Empty);
        Assert.That((label!.Label.TransactionId, label.Label.Fraud, label.Label.Card), Is.EqualTo(("tx-14", true, "card-1")));
    }

    /// <summary>The first bytes of this protobuf label are also a blank and the bracket of an object.</summary>
    [Test]
    public void Label_ProtobufThatBeginsLikeJson_IsRead()
    {
        var message = LabelEvent.Parser.ParseFrom(Label);
        message.TransactionId = "{" + new string('x', 9);
        var value = message.ToByteArray();
        Assert.That(value[..3], Is.EqualTo("\n\n{"u8.ToArray()));
        Assert.That(ReadLabel(value), Is.Empty);
    }

    [TestCase(new byte[] { 2, 2 }, "send fraud.scoring.v1.TransactionEvent, message 0 of its file")]
    [TestCase(new byte[] { 4, 0, 0 }, "names another message")]
    [TestCase(new byte[] { 1 }, "does not have 0 to 16 message indexes")]
    [TestCase(new byte[] { 34 }, "does not have 0 to 16 message indexes")]
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "its number of message indexes is not a varint")]
    public void Transaction_AnotherMessageOrNoFrame_IsReported(byte[] indexes, string fault) =>
        Assert.That(ReadTransaction([.. Head, .. indexes, .. Transaction]),
            Does.StartWith("value: begins like a record of a schema registry").And.Contains(fault));

    [Test]
    public void Transaction_CutWithinTheFrame_IsReported([Range(1, 6)] int length) =>
        Assert.That(ReadTransaction([.. ((byte[])[.. Head, 2, 0])[..length]]), Does.Contain("ends within"));

    [Test]
    public void Label_AnotherMessage_IsReported() => Assert.That(ReadLabel([.. Head, 2, 4, .. Label]),
        Does.Contain("send fraud.scoring.v1.LabelEvent, message 1 of its file"));

    [Test]
    public void Remove_AnyBytes_NeverThrows_AndLeavesAnUnframedValueAlone() => Gen.Byte.Array[0, 24].Sample(bytes =>
    {
        foreach (var value in new byte[][] { bytes, [0, .. bytes], [.. Head, .. bytes] })
        {
            ReadOnlySpan<byte> rest = value;
            var fault = SchemaFrame.Remove(ref rest, TransactionEvent.Descriptor);
            var taken = value.Length - rest.Length;
            if (taken is not (0 or >= 6) || (taken == 0) != (fault is not null || value is [] or [not 0, ..]))
            {
                return false;
            }
        }
        return true;
    }, iter: 20_000);

    [Test]
    public void Parse_AnyChangedFrame_NeverThrows_AndNamesAFault() => Gen.Select(
        Gen.Byte.Array[0, 8], Gen.Bool, Gen.Int[0, 4]).Sample((indexes, isLabel, cut) =>
    {
        byte[] value = [.. Head, .. indexes, .. (isLabel ? Label : Transaction)[..^cut]];
        var faults = new Faults();
        var transaction = TransactionRecord.Parse(new RecordPosition(0, 0), value, Keys, TestCatalogues.ServedRates, Limits, NowMs, faults);
        if (transaction is null == (faults.Count == 0))
        {
            return false;
        }
        faults.Clear();
        var label = LabelRecord.Parse(new RecordPosition(0, 0), value, Keys, Limits, NowMs, faults);
        return label is null != (faults.Count == 0);
    }, iter: 20_000);

    private static string ReadTransaction(byte[] value)
    {
        var faults = new Faults();
        TransactionRecord.Parse(new RecordPosition(0, 0), value, Keys, TestCatalogues.ServedRates, Limits, NowMs, faults);
        return faults.ToString();
    }

    private static string ReadLabel(byte[] value)
    {
        var faults = new Faults();
        LabelRecord.Parse(new RecordPosition(0, 0), value, Keys, Limits, NowMs, faults);
        return faults.ToString();
    }
}
