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
              "decimal": ";",
              "accont": "h"
            }
            """);
        string[] paths =
        [
            "$.accont", "$.card", "$.card.hsh", "$.merchant", "$.channel", "$.currency", "$.event_time.zone",
            "$.amount.column", "$.country.hash", "$.longitude", "$.attributes.x.type", "$.label", "$.label", "$.missing", "$.delimiter", "$.decimal",
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

    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"dd/MM/yyyy hh:mm\", \"zone\": \"UTC\"}", "$.event_time.format: has hours of the 12-hour")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"HH:mm\", \"zone\": \"UTC\"}", "$.event_time.format: must have year")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"'yMd' HH:mm\", \"zone\": \"UTC\"}", "$.event_time.format: must have year")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"s\", \"zone\": \"UTC\"}", "$.event_time.format: must be iso, unix, unix_ms,")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"unix_ns\", \"zone\": \"UTC\"}", "$.event_time.zone: is not allowed")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"excel\"}", "$.event_time: requires a zone")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"hours\"}", "$.event_time.origin: is required with")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"format\": \"hours\", \"origin\": \"2017-01-01\"}", "$.event_time.origin: has no offset")]
    [TestCase("\"event_time\": {\"column\": \"t\", \"origin\": \"2017-01-01\"}", "$.event_time.origin: is allowed only with")]
    [TestCase("\"thousands\": \";\"", "$.thousands: must be")]
    [TestCase("\"thousands\": \".\"", "$.thousands: must not be the decimal separator; set")]
    [TestCase("\"decimal\": \",\", \"thousands\": \",\"", "$.thousands: must not be the decimal separator")]
    [TestCase("\"amount\": {\"column\": \"a\", \"negative\": \"debit\"}", "$.amount.negative: must be refund")]
    [TestCase("\"amount\": {\"column\": \"a\", \"minor_units\": 1}", "$.amount.minor_units: must be true or false")]
    [TestCase("\"currency\": {\"constant\": \"DEM\"}", "$.currency: sets a currency that is an ISO 4217 code that was withdrawn")]
    public void Read_Fault_SaysWhatWouldBeAccepted(string member, string expected) =>
        Assert.That(Read($"{{{member}}}").Select(fault => fault.ToString()), Has.Some.StartsWith(expected));

    [TestCase("handbook.json", 6)]
    [TestCase("sparkov.json", 14)]
    public void Read_WorkedMappings_AreRight(string name, int columns)
    {
        var faults = new Faults();
        var mapping = MappingReader.Parse(RepositoryFiles.Bytes("src", "FraudScoring.Training", "Mappings", name), faults);
        Assert.That(faults, Is.Empty);
        Assert.That(mapping!.Columns.Sources.Names, Has.Count.EqualTo(columns));
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
