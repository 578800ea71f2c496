using System.Buffers;
using System.IO.Pipelines;
using CsCheck;
using FraudScoring.Server.Admission;

namespace FraudScoring.Tests.Server.Admission;

/// <summary>The times at which HTTP/2 requests arrive are found in the bytes of the connection, however they are split into reads.</summary>
public sealed class FrameWalkerTests
{
    private const byte Data = 0, Headers = 1, Settings = 4, WindowUpdate = 8;
    private const long Unknown = -1;

    [Test]
    public void Walk_AnySplit_StampsEachStreamWithTheReadThatCompletesItsFrameHeader()
    {
        var frames = Gen.Select(Gen.OneOf(Gen.Const(Data), Gen.Const(Headers), Gen.Const(Settings), Gen.Const(WindowUpdate)), Gen.Int[0, 40], Gen.Byte).Array[1, 30];
        Gen.Select(frames, Gen.Int[1, 60].Array[1, 20]).Sample((shapes, lengths) =>
        {
            var (bytes, expected) = Connection(shapes);
            var (walker, stamps) = (new FrameWalker(), new ArrivalStamps(isHttp2: true));
            var (read, ends) = (0, new List<int>());
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(lengths[read % lengths.Length], bytes.Length - at);
                walker.Walk(new ReadOnlySequence<byte>(bytes, at, length), stamps, read++);
                ends.Add(at += length);
            }
            foreach (var (stream, end) in expected)
            {
                Assert.That(stamps.Of(stream, Unknown), Is.EqualTo(ends.FindIndex(e => e >= end)), $"stream {stream}");
            }
        }, iter: 2000);
    }

    [Test]
    public void Of_AStreamWithoutHeaders_IsUnknown()
    {
        var (bytes, _) = Connection([(Settings, 6, 0), (Data, 5, 0)]);
        var (walker, stamps) = (new FrameWalker(), new ArrivalStamps(isHttp2: true));
        walker.Walk(new ReadOnlySequence<byte>(bytes), stamps, 7);
        Assert.That(stamps.Of(1, Unknown), Is.EqualTo(Unknown));
    }

    [Test]
    public void Of_AStreamWhosePlaceALaterOneHasTaken_IsWhenThatArrived()
    {
        var stamps = new ArrivalStamps(isHttp2: true);
        stamps.Stamp(1, 10);
        stamps.Stamp(1 + (2 * ArrivalStamps.Capacity), 20);
        Assert.That((stamps.Of(1, Unknown), stamps.Of(1 + (2 * ArrivalStamps.Capacity), Unknown)), Is.EqualTo((20, 20)));
    }

    [Test]
    public async Task Read_BytesThatAreNotConsumed_AreNotWalkedAgain()
    {
        var (bytes, expected) = Connection([(Headers, 20, 0), (Data, 30, 0), (Headers, 10, 0)]);
        var (pipe, stamps) = (new Pipe(), new ArrivalStamps(isHttp2: true));
        var reader = new ArrivalReader(pipe.Reader, stamps, isHttp2: true);
        foreach (var part in bytes.Chunk(7))
        {
            await pipe.Writer.WriteAsync(part);
            var read = await reader.ReadAsync();
            // All but the last byte stay unread until there are five.
            reader.AdvanceTo(read.Buffer.GetPosition(read.Buffer.Length > 12 ? 5 : 0), read.Buffer.End);
        }
        Assert.That(expected.Keys.Select(stream => stamps.Of(stream, Unknown)), Has.All.GreaterThan(0));
        Assert.That(expected.Keys.Select(stream => stamps.Of(stream, Unknown)), Is.Ordered.And.Unique);
    }

    /// <summary>The preface and frames of a connection, and for each stream with headers the number of bytes up to its frame header.</summary>
    private static (byte[] Bytes, Dictionary<int, int> HeaderEnds) Connection((byte Type, int Length, byte Fill)[] frames)
    {
        var (bytes, ends) = (new List<byte>("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray()), new Dictionary<int, int>());
        var stream = 1;
        foreach (var (type, length, fill) in frames)
        {
            // The reserved bit of the stream's number may be set, and is ignored.
            bytes.AddRange([0, 0, (byte)length, type, fill, (byte)(fill & 0x80), 0, 0, (byte)stream]);
            if (type == Headers)
            {
                ends.Add(stream, bytes.Count);
                stream += 2;
            }
            bytes.AddRange(Enumerable.Repeat(fill, length));
        }
        return ([.. bytes], ends);
    }
}
