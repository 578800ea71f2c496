using System.Globalization;
using CsCheck;
using CsvHelper;
using CsvHelper.Configuration;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Tests.Training.Importing;

public sealed class RecordReaderTests
{
    private static readonly CsvDialect Backslash = new(',', '"', '\\');
    private static readonly Gen<string> Field = Gen.Char["ab \",;\r\n\\"].Array[0, 6].Select(characters => new string(characters));
    private static readonly Gen<string> LineField = Gen.Char["ab \",;\\"].Array[0, 6].Select(characters => new string(characters));

    [TestCase("a,b\n1,2\n", "1|2")]
    [TestCase("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", "1,5|say \"hi\"")]
    [TestCase("a,b\n5\" screen,Joe\"s\n", "5\" screen|Joe\"s")]
    [TestCase("a,b\n\"two\r\nlines\",2\n", "two\nlines|2")]
    [TestCase("a,b\n,\n", "|")]
    [TestCase("a,b\n\n  \n1,2\n\n", "1|2")]
    public void Read_WellFormed_GivesTheFields(string text, string expected) =>
        Assert.That(Read(text).Select(record => record.Shown), Is.EqualTo(new[] { expected }));

    [TestCase("a,b\n1,2\n\"Joe\"s Bar,3\n4,5\n", 3, "has text after a closing quote")]
    [TestCase("a,b\n1,2\n3\n4,5\n", 3, "has 1 columns; the header has 2")]
    [TestCase("a,b\n1,2\n3,4,5\n4,5\n", 3, "has 3 columns; the header has 2")]
    [TestCase("a,b\n1,2\n3,\"never closed\n4,5\n", 3, "has a quote that no line within 100 closes properly")]
    [TestCase("a,b\n\n1,2\n\n3,\"\n4,5\n", 5, "has a quote that no line within 100 closes properly")]
    [TestCase("a,b\n1,2\n\"3\nstill 3\",x,y\n4,5\n", 3, "has a quote that no line within 100 closes properly")]
    public void Read_Malformed_CostsItsOwnLine(string text, int line, string problem)
    {
        var records = Read(text);
        Assert.That(records.Where(record => record.Problem is null).Select(record => record.Shown), Is.EqualTo(new[] { "1|2", "4|5" }));
        var malformed = records.First(record => record.Problem is not null);
        Assert.That(malformed.Line, Is.EqualTo(line));
        Assert.That(malformed.Problem, Does.StartWith(problem));
    }

    [Test]
    public void Read_Backslashes_EscapeQuotesWhereTheDialectSaysSo()
    {
        const string text = "a,b\n\"Joe \\\"J\\\" Bar\",\"c:\\\\x\"\n";
        Assert.That(Read(text, Backslash).Single().Shown, Is.EqualTo("Joe \"J\" Bar|c:\\x"));
        Assert.That(Read(text).Single().Problem, Does.StartWith("has text after a closing quote"));
    }

    [Test]
    public void Read_QuoteOpenForTooManyLines_LosesOneLine()
    {
        var lines = Enumerable.Range(0, 500).Select(i => i == 50 ? "\"x,50" : $"x,{i}");
        var records = Read("a,b\n" + string.Join('\n', lines));
        Assert.That(records, Has.Count.EqualTo(500));
        Assert.That(records.Where(record => record.Problem is not null).Select(record => record.Line), Is.EqualTo(new[] { 52 }));
    }

    [Test]
    public void Read_WhatCsvHelperWrites_IsWhatWasWritten() =>
        Field.Array[3].Array[1, 12].Sample(rows =>
        {
            using var text = new StringWriter();
            using (var writer = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                ShouldQuote = field => field.Field?.AsSpan().ContainsAny("\",\r\n ") == true,
            }))
            {
                Write(writer, ["a", "b", "c"]);
                foreach (var row in rows)
                {
                    Write(writer, row);
                }
            }
            var records = Read(text.ToString());
            Assert.That(records.Select(record => record.Problem), Is.All.Null);
            Assert.That(records.Select(record => record.Shown), Is.EqualTo(rows.Select(row => string.Join('|', row.Select(OneEnd)))));
        });

    [Test]
    public void Read_AStrayQuoteAnywhere_CostsItsOwnLineOnly() =>
        LineField.Array[3].Array[2, 12].Select(Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((rows, where, at) =>
        {
            var lines = rows.Select(row => string.Join(',', row.Select(Quoted))).ToList();
            var broken = where % lines.Count;
            lines[broken] = lines[broken].Insert(at % (lines[broken].Length + 1), "\"");
            var records = Read("a,b,c\n" + string.Join('\n', lines) + "\n");
            var good = records.Where(record => record.Problem is null).ToDictionary(record => record.Line, record => record.Shown);
            for (var i = 0; i < lines.Count; i++)
            {
                if (i != broken && !IsPartOf(records, i + 2))
                {
                    Assert.That(good.GetValueOrDefault(i + 2), Is.EqualTo(string.Join('|', rows[i])), string.Join('\n', lines));
                }
            }
        });

    [Test]
    public void Read_AnyText_AccountsForEveryLine() =>
        Gen.Char["ab,\"\r\n"].Array[0, 80].Sample(characters =>
        {
            var text = new string(characters);
            var (reader, records) = Reader(text, CsvDialect.Rfc4180);
            if (!records.Read())
            {
                return;
            }
            records.Columns = records.Problem is null ? records.Fields.Count : 2;
            long last = 0;
            while (records.Read())
            {
                Assert.That(records.Line, Is.GreaterThan(last));
                last = records.Line;
            }
            var count = new LineCount();
            count.Add(text);
            Assert.That((records.Lines, reader.Lines), Is.EqualTo((count.Lines, count.Lines)));
        });

    /// <summary>Whether a line was read as the continuation of a record that is well-formed by itself, as a quote may make it.</summary>
    private static bool IsPartOf(List<Record> records, long line) =>
        records.Exists(record => record.Problem is null && record.Line < line && line < record.Line + record.Lines);

    private static void Write(CsvWriter writer, string[] fields)
    {
        foreach (var field in fields)
        {
            writer.WriteField(field);
        }
        writer.NextRecord();
    }

    // Not what is ambiguous: an end of line inside a field is one line feed, whatever it was.
    private static string OneEnd(string field)
    {
        var lines = new LineReader(new StringReader(field + "|"));
        var parts = new List<string>();
        while (lines.Read() is { } line)
        {
            parts.Add(line);
        }
        return string.Join('\n', parts)[..^1];
    }

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny("\",") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private static List<Record> Read(string text, CsvDialect? dialect = null)
    {
        var (_, reader) = Reader(text, dialect ?? CsvDialect.Rfc4180);
        Assert.That(reader.Read(), Is.True);
        reader.Columns = reader.Fields.Count;
        var records = new List<Record>();
        while (reader.Read())
        {
            records.Add(new Record(reader.Line, reader.Lines - reader.Line + 1, string.Join('|', reader.Fields), reader.Problem));
        }
        return records;
    }

    private static (LineReader Lines, RecordReader Records) Reader(string text, CsvDialect dialect)
    {
        var lines = new LineReader(new StringReader(text));
        return (lines, new RecordReader(lines, dialect));
    }

    private sealed record Record(long Line, long Lines, string Shown, string? Problem);
}
