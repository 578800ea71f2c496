using CsCheck;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Tests.Training.Importing;

public sealed class LineReaderTests
{
    [TestCase("", new string[0])]
    [TestCase("a", new[] { "a" })]
    [TestCase("a\nb\r\nc\rd", new[] { "a", "b", "c", "d" })]
    [TestCase("a\r\r\nb", new[] { "a", "b" })]
    [TestCase("a\r\rb", new[] { "a", "", "b" })]
    [TestCase("\n\na\n", new[] { "", "", "a" })]
    [TestCase("a\r", new[] { "a" })]
    public void Read_AnyEndOfLine_EndsALine(string text, string[] expected) => Assert.That(Lines(text), Is.EqualTo(expected));

    [Test]
    public void Read_LongerThanTheLimit_IsCutOffAndSaysSo()
    {
        var reader = new LineReader(new StringReader(new string('x', LineReader.MaxLength + 1) + "\nshort"));
        Assert.That((reader.Read()!.Length, reader.WasTooLong), Is.EqualTo((LineReader.MaxLength, true)));
        Assert.That((reader.Read(), reader.WasTooLong), Is.EqualTo(("short", false)));
    }

    [Test]
    public void Lines_OfAnyText_AreThoseOfTheIndependentCount() =>
        Gen.Char["ab\r\n"].Array[0, 60].Select(Gen.Int[1, 9]).Sample((characters, chunk) =>
        {
            var text = new string(characters);
            var count = new LineCount();
            for (var i = 0; i < text.Length; i += chunk)
            {
                count.Add(text.AsSpan(i, Math.Min(chunk, text.Length - i)));
            }
            var lines = Lines(text);
            Assert.That(count.Lines, Is.EqualTo(lines.Count));
            Assert.That(lines, Is.EqualTo(Lines(text, chunk)), "whatever the parts in which it arrives");
            Assert.That(string.Concat(lines), Is.EqualTo(text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)));
        });

    private static List<string> Lines(string text, int chunk = int.MaxValue)
    {
        var reader = new LineReader(new ChunkedReader(text, chunk));
        var lines = new List<string>();
        while (reader.Read() is { } line)
        {
            lines.Add(line);
        }
        Assert.That(reader.Lines, Is.EqualTo(lines.Count));
        return lines;
    }

    private sealed class ChunkedReader(string text, int chunk) : TextReader
    {
        private int _at;

        public override int Read(Span<char> buffer)
        {
            var length = Math.Min(Math.Min(chunk, buffer.Length), text.Length - _at);
            text.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }
    }
}
