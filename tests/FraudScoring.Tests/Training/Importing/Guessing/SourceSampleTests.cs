using FraudScoring.Training.Importing.Guessing;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Tests.Training.Importing.Guessing;

public sealed class SourceSampleTests
{
    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase(',', null)]
    [TestCase(';', ';')]
    [TestCase('\t', '\t')]
    [TestCase('|', '|')]
    public void Read_Delimiter_IsFound(char delimiter, char? found)
    {
        var sample = Read("a.csv", "id,amount,note\n1,5.25,\"x, y; z | w\"\n2,6.25,b\n".Replace(',', delimiter));
        Assert.That((sample.Delimiter, sample.Names.Count, sample.Rows.Count), Is.EqualTo((found, 3, 2)));
    }

    [Test]
    public void Read_DecimalCommas_DoNotSeparateFields() =>
        Assert.That(Read("a.csv", "id;amount;price\n1;5,25;1,00\n2;6,25;2,00\n").Delimiter, Is.EqualTo(';'));

    [TestCase("a,b\n1,\"say \\\"hi\\\", you\"\n", '\\')]
    [TestCase("a,b\n1,\"say \"\"hi\"\", you\"\n", null)]
    [TestCase("a,b\n1,C:\\x\n", null)]
    public void Read_Escape_IsABackslashOnlyIfMoreRecordsAreWellFormed(string text, char? escape)
    {
        var sample = Read("a.csv", text);
        Assert.That((sample.Escape, sample.Rows.Count), Is.EqualTo((escape, 1)));
    }

    [Test]
    public void Read_Latin1_NamesTheEncoding()
    {
        File.WriteAllBytes(_folder.Path("a.csv"), System.Text.Encoding.Latin1.GetBytes("id,shop\n1,Café\n"));
        var sample = SourceSample.Read(SourceFiles.Find([_folder.Path("a.csv")])[0], CancellationToken.None);
        Assert.That((sample.Encoding, sample.Rows[0][1]), Is.EqualTo(("windows-1252", "Café")));
    }

    [Test]
    public void Read_Parquet_HasTextsOfSingleValues()
    {
        var file = _folder.WriteParquet("a.parquet", "SELECT 7 AS id, 1.50::DECIMAL(9, 2) AS amount, [1, 2] AS list");
        var sample = SourceSample.Read(SourceFiles.Find([file])[0], CancellationToken.None);
        Assert.That((string.Join(' ', sample.Names), string.Join(' ', sample.Rows[0])), Is.EqualTo(("id amount", "7 1.50")));
    }

    [TestCase("4111111111111111,12.50,2024-01-01 10:00:00,m1\n", "no header")]
    [TestCase("t1,2024-01-01 10:00:00,12.50,card,shop\nt2,2024-01-01 10:00:00,12.50,card,shop\n", "no header")]
    [TestCase("id,amount\n", "no well-formed row")]
    public void Read_NoTable_IsRefusedWithTheRemedy(string text, string message) => Assert.That(
        () => Read("a.csv", text), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(message).And.Message.Not.Contains("4111111111111111"));

    [Test]
    public void Read_LargeFile_IsSampled()
    {
        var rows = string.Concat(Enumerable.Range(0, SourceSample.MostRows + 5).Select(i => FormattableString.Invariant($"{i},1.50\n")));
        Assert.That(Read("a.csv", "id,amount\n" + rows).Rows, Has.Count.EqualTo(SourceSample.MostRows));
    }

    private SourceSample Read(string name, string text) => SourceSample.Read(SourceFiles.Find([_folder.Write(name, text)])[0], CancellationToken.None);
}
