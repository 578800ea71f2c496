using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class MappingReaderTests
{
    [Test]
    public void Read_ManyFaults_NamesEachWithItsPath()
    {
        var faults = Read("""
            {
              "card": { "column": "a", "constant": "b", "hsh": true },
              "merchant": {},
              "channel": { "column": "c", "values": { "P": "card_present", "W": "web" } },
              "currency": { "constant": "EURO" },
              "event_time": { "column": "t", "zone": "Mars/Olympus", "format": "dd.MM.yyyy" },
              "amount": { "column": 7 },
              "country": { "column": "d", "hash": true },
              "latitude": "lat",
              "attributes": { "x": { "column": "e", "type": "money" } },
              "label": { "column": "f", "fraud": ["1"], "legitimate": ["1"], "time": "g", "delay": "7d" },
              "missing": [],
              "delimiter": ";;",
              "accont": "h"
            }
            """);
        string[] paths =
        [
            "$.accont", "$.card", "$.card.hsh", "$.merchant", "$.channel", "$.currency", "$.event_time.zone", "$.event_time",
            "$.amount.column", "$.country.hash", "$.longitude", "$.attributes.x.type", "$.label", "$.label", "$.missing", "$.delimiter",
        ];
        Assert.That(faults.Select(f => f.Field), Is.EquivalentTo(paths), string.Join('\n', faults));
    }

    [Test]
    public void Read_Nothing_AsksForWhatIsRequired() => Assert.That(
        Read("{}").Select(f => f.Field).Distinct(),
        Is.SupersetOf(new[] { "$.currency", "$.card", "$.merchant", "$.channel", "$.event_time", "$.amount" }));

    [TestCase("[]")]
    [TestCase("{")]
    [TestCase("{\"card\": {\"column\": null}}")]
    [TestCase("{\"label\": []}")]
    [TestCase("{\"label\": {\"column\": \"f\", \"delay\": \"-1d\"}}")]
    [TestCase("{\"attributes\": []}")]
    [TestCase("{\"event_time\": {\"column\": \"t\", \"format\": \"unix\", \"zone\": \"UTC\"}}")]
    [TestCase("{\"event_time\": {\"column\": \"t\", \"format\": \"dd/MM/yyyy HH:mm\"}}")]
    public void Read_Broken_HasFaultsAndDoesNotThrow(string json) => Assert.That(Read(json), Is.Not.Empty);

    [TestCase("handbook.json", 6)]
    [TestCase("sparkov.json", 14)]
    public void Read_WorkedMappings_AreRight(string name, int columns)
    {
        var faults = new Faults();
        var mapping = MappingReader.Parse(RepositoryFiles.Bytes("src", "FraudScoring.Training", "Mappings", name), faults);
        Assert.That(faults, Is.Empty);
        Assert.That(mapping!.Columns, Has.Count.EqualTo(columns));
    }

    [TestCase("""{ "column": "a", "hash": true }""", "\"e\"", true)]
    [TestCase("\"a\"", """{ "column": "e", "hash": true }""", true)]
    [TestCase("\"a\"", "\"e\"", false)]
    public void Hashes_OfACardOrOfAnAttribute_AreFound(string card, string attribute, bool hashes)
    {
        var mapping = MappingReader.Parse(Encoding.UTF8.GetBytes($$"""
            {
              "card": {{card}}, "merchant": "m", "channel": { "constant": "ecommerce" }, "currency": { "constant": "EUR" },
              "event_time": "t", "amount": "x", "attributes": { "email": {{attribute}} }
            }
            """), new Faults());
        Assert.That(mapping!.Hashes, Is.EqualTo(hashes));
    }

    private static Faults Read(string json)
    {
        var faults = new Faults();
        var mapping = MappingReader.Parse(Encoding.UTF8.GetBytes(json), faults);
        Assert.That(mapping is null, Is.EqualTo(faults.Count > 0));
        return faults;
    }
}
