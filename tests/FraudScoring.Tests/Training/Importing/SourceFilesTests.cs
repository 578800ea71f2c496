using System.IO.Compression;
using System.Text;
using FraudScoring.Training.Importing.Sources;
using ZstdSharp;

namespace FraudScoring.Tests.Training.Importing;

public sealed class SourceFilesTests
{
    private const string Rows = ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,1,c,s,0\nb,2020-01-01 00:00:00,2,c,s,1\n";

    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Find_WhatIsNotThereOrUnknown_IsNamedTogether()
    {
        Directory.CreateDirectory(_folder.Path("empty"));
        var error = Assert.Throws<InvalidDataException>(() =>
            SourceFiles.Find([_folder.Path("none-*.csv"), _folder.Write("c.xlsx", ""), _folder.Path("empty"), _folder.Write("d.zip", "no zip")]))!;
        Assert.That(error.Message, Does.Contain("none-*.csv' matches no file").And.Contain("c.xlsx' has an unknown extension")
            .And.Contain("empty' holds no file").And.Contain("d.zip' is not a readable ZIP archive"));
    }

    [Test]
    public void Find_OneFileByManyNames_IsReadOnce()
    {
        var file = _folder.Write("a.csv", Rows);
        File.CreateSymbolicLink(_folder.Path("b.csv"), file);
        Assert.That(SourceFiles.Find([file, _folder.Path("*.csv"), _folder.Root, _folder.Path("./a.csv")]), Has.Count.EqualTo(1));
    }

    [Test]
    public void Import_Folder_ReadsPartitionsAsColumnsAndLeavesMarkersOut()
    {
        foreach (var (day, id) in new[] { ("2020-01-01", "x"), ("2020-01-02", "y"), ("__HIVE_DEFAULT_PARTITION__", "z") })
        {
            Directory.CreateDirectory(_folder.Path($"own/time={day}"));
            _folder.Write($"own/time={day}/part-0.csv", $"id,amount,card,shop,fraud\n{id},1,c,s,0\n");
        }
        _folder.Write("own/_SUCCESS", "");
        _folder.Write("own/_committed.csv", "other");
        _folder.WriteParquet("own/time=2020-01-02/part-1.parquet", "SELECT 'p' AS id, '1' AS amount, 'c' AS card, 's' AS shop, 0 AS fraud");
        var summary = _folder.Import(ImportFolder.Simple, [_folder.Path("own")]);
        Assert.That((summary.Rows, summary.InvalidRows, summary.Reasons.Single().Field), Is.EqualTo((4, 1, "payment.event_time")));
        Assert.That(_folder.Payments().Select(payment => (payment.TransactionId, payment.EventTime.ToDateTime().Day)),
            Is.EquivalentTo(new[] { ("x", 1), ("y", 2), ("p", 2) }));
    }

    [TestCase("a.csv.gz")]
    [TestCase("a.csv.zst")]
    [TestCase("a.zip")]
    public void Import_Compressed_IsReadAndCheckedToTheEnd(string name)
    {
        var file = _folder.Path(name);
        File.WriteAllBytes(file, Compress(name, Rows));
        Assert.That(_folder.Import(ImportFolder.Simple, [file]).Written!.Payments, Is.EqualTo(2));
        var bytes = Compress(name, ImportFolder.SimpleHeader
            + string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},2020-01-01 00:00:00,{i % 97},card-{i * 7919 % 1000},s,0\n")));
        foreach (var damaged in new[] { bytes[..(bytes.Length / 2)], bytes[..^3], Altered(bytes) })
        {
            File.WriteAllBytes(file, damaged);
            Assert.That(() => _folder.Import(ImportFolder.Simple, [file]), Throws.InstanceOf<InvalidDataException>()
                .With.Message.Contains(name).And.Message.Contains("copy").And.Message.Not.Contain("internal"));
        }
    }

    [Test]
    public void Import_DataAfterTheCompressedData_AreRefusedUnlessTheyAreCompressedToo()
    {
        var (file, gz) = (_folder.Path("a.csv.gz"), Compress("a.csv.gz", Rows));
        File.WriteAllBytes(file, [.. gz, .. "c,2020-01-01 00:00:00,1,c,s,0\n"u8]);
        Assert.That(() => _folder.Import(ImportFolder.Simple, [file]),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a.csv.gz is damaged or incomplete"));
        File.WriteAllBytes(file, [.. gz, .. Compress("a.csv.gz", "c,2020-01-01 00:00:00,1,c,s,0\n")]);
        Assert.That(_folder.Import(ImportFolder.Simple, [file]).Rows, Is.EqualTo(3));
    }

    [TestCase("utf-16", "utf-16le")]
    [TestCase("utf-16BE", "")]
    [TestCase("utf-16BE", "utf-16")]
    [TestCase("iso-8859-15", "iso-8859-15")]
    [TestCase("windows-1252", "")]
    [TestCase("utf-8", "")]
    public void Import_Encodings_AreDetectedOrNamed(string written, string named)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(written) ?? Encoding.GetEncoding(written);
        var file = _folder.Path("a.csv");
        File.WriteAllText(file, Rows.Replace(",s,", ",Café Müller,", StringComparison.Ordinal), encoding);
        var mapping = named.Length == 0 ? ImportFolder.Simple
            : ImportFolder.Simple.Replace("\"amount\":", $"\"encoding\": \"{named}\", \"amount\":", StringComparison.Ordinal);
        _folder.Import(mapping, [file]);
        Assert.That(_folder.Payments().Select(payment => payment.MerchantId), Is.All.EqualTo("Café Müller"));
    }

    [Test]
    public void Import_NotInTheNamedEncodingOrNoText_SaysSo()
    {
        var mapping = ImportFolder.Simple.Replace("\"amount\":", "\"encoding\": \"utf-8\", \"amount\":", StringComparison.Ordinal);
        File.WriteAllText(_folder.Path("a.csv"), Rows.Replace(",s,", ",Café,", StringComparison.Ordinal), Encoding.Latin1);
        Assert.That(() => _folder.Import(mapping, [_folder.Path("a.csv")]),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("is not encoded in utf-8"));
        var binary = _folder.Write("b.csv", Rows + "\0\0\u0001");
        Assert.That(() => _folder.Import(ImportFolder.Simple, [binary]), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("is not text"));
    }

    [Test]
    public void Import_HeaderOfAnotherKind_NamesTheDelimiterAndMasksNumbers()
    {
        var semicolons = _folder.Write("a.csv", Rows.Replace(',', ';'));
        Assert.That(() => _folder.Import(ImportFolder.Simple, [semicolons]),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("seems to be separated by ';'"));
        var noHeader = _folder.Write("b.csv", "a,2020-01-01 00:00:00,1,4111 1111 1111 1111,s,0\n");
        Assert.That(() => _folder.Import(ImportFolder.Simple, [noHeader]),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("*****").And.Message.Not.Contain("1111"));
        var empty = _folder.Write("c.csv", "");
        Assert.That(() => _folder.Import(ImportFolder.Simple, [empty]), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("is empty"));
    }

    [Test]
    public void Import_TabsInTsv_NeedNoDelimiter()
    {
        var file = _folder.Write("a.tsv", Rows.Replace(',', '\t'));
        Assert.That(_folder.Import(ImportFolder.Simple, [file]).Written!.Payments, Is.EqualTo(2));
    }

    [Test]
    public void Import_Filter_LeavesRowsOutAndCountsThem()
    {
        var mapping = ImportFolder.Simple.Replace("\"amount\":", "\"filter\": \"card == 'c' && double(amount) > 1\", \"amount\":",
            StringComparison.Ordinal);
        var summary = _folder.Import(mapping, [_folder.Write("a.csv", Rows)]);
        Assert.That((summary.Rows, summary.Filtered, summary.InvalidRows, summary.Written!.Payments), Is.EqualTo((2, 1, 0, 1)));
    }

    private static byte[] Altered(byte[] bytes)
    {
        var altered = bytes.ToArray();
        altered[bytes.Length / 2] ^= 0x55;
        return altered;
    }

    private static byte[] Compress(string name, string text)
    {
        var stream = new MemoryStream();
        if (name.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create);
            using var entry = archive.CreateEntry("a.csv").Open();
            entry.Write(Encoding.UTF8.GetBytes(text));
        }
        else
        {
            using Stream compressed = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionLevel.Optimal)
                : ZstdWithChecksum(stream);
            compressed.Write(Encoding.UTF8.GetBytes(text));
        }
        return stream.ToArray();
    }

    private static CompressionStream ZstdWithChecksum(MemoryStream stream)
    {
        var compressed = new CompressionStream(stream);
        compressed.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressed;
    }
}
