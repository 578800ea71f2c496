using System.Globalization;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;

namespace FraudScoring.Tests.Training.Importing;

/// <summary>A simulated log, converted to a table and imported again, gives bit-identical features.</summary>
public sealed class SimulatedRoundTripTests
{
    private const string Mapping = """
        {
          "transaction_id": "id",
          "event_time": { "column": "time", "format": "unix_ms" },
          "amount": "amount", "currency": "currency", "card": "card", "account": "account", "device": "device", "ip_address": "ip",
          "merchant": "merchant", "merchant_category": "category", "country": "country",
          "channel": { "column": "channel", "values": {
            "CardPresent": "card_present", "Contactless": "contactless", "Ecommerce": "ecommerce", "Atm": "atm",
            "MailOrder": "mail_order", "Recurring": "recurring" } },
          "latitude": "latitude", "longitude": "longitude",
          "label": { "column": "fraud", "time": { "column": "known", "format": "unix_ms" } }
        }
        """;

    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase(1UL, false)]
    [TestCase(2UL, true)]
    public void Import_SimulatedTable_GivesTheFeaturesOfTheSimulatedLog(ulong seed, bool parquet)
    {
        var options = new SimulationOptions { Customers = 60, Terminals = 120, Days = 12, Radius = 20, Seed = seed };
        var simulated = _folder.Path("simulated.events");
        SimulatedLog.Write(options, simulated, null, (_, _) => { }, CancellationToken.None);
        var table = _folder.Write("table.csv", Table(EventLogReader.Read(simulated)));
        if (parquet)
        {
            table = _folder.WriteParquet("table.parquet",
                $"SELECT * FROM read_csv('{table}', header=true, types={{'amount': 'VARCHAR', 'category': 'VARCHAR'}})");
        }
        var summary = _folder.Import(Mapping, [table], mostInvalid: 0);
        Assert.That(EventLogReader.Read(_folder.Log).Select(WithoutAttributesAndSource),
            Is.EqualTo(EventLogReader.Read(simulated).Select(WithoutAttributesAndSource)));
        Assert.That((long)EventLogReader.Read(simulated).Count(),
            Is.EqualTo(summary.Written!.Payments + summary.Written.Labels).And.GreaterThan(500));
        Assert.That(Rows(_folder.Log), Is.EqualTo(Rows(simulated)));
    }

    private static List<string> Rows(string log)
    {
        var rows = new List<string>();
        new HistoryReplay(TestCatalogues.Served, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs).Run(EventLogReader.Read(log), (payment, row) =>
            rows.Add(payment.TransactionId + Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(row.Span))));
        return rows;
    }

    private static EventLogRecord WithoutAttributesAndSource(EventLogRecord record)
    {
        record.Transaction?.Payment.Attributes.Clear();
        _ = record.Label is null ? null : record.Label.Source = "";
        return record;
    }

    private static string Table(IEnumerable<EventLogRecord> records)
    {
        var all = records.ToList();
        var labels = all.Where(r => r.Label is not null).ToDictionary(r => r.Label.TransactionId, r => r.Label);
        var lines = all.Where(r => r.Transaction is not null)
            .Select(r => Line(r.Transaction.Payment, labels.GetValueOrDefault(r.Transaction.Payment.TransactionId)));
        const string header =
            "id,time,amount,currency,card,account,device,ip,merchant,category,country,channel,latitude,longitude,fraud,known\n";
        return header + string.Concat(lines);
    }

    private static string Line(Payment p, LabelEvent? label) => string.Create(CultureInfo.InvariantCulture,
        $"{p.TransactionId},{Ms(p.EventTime)},{p.Amount},{p.Currency},{p.CardToken},{p.AccountToken},{p.DeviceToken},{p.IpAddress},"
        + $"{p.MerchantId},{p.MerchantCategory},"
        + $"{p.Country},{p.Channel},{p.Location?.Latitude:R},{p.Location?.Longitude:R},"
        + $"{(label is null ? "" : label.Fraud ? "1" : "0")},{(label is null ? "" : Ms(label.LabelTime))}\n");

    private static string Ms(Google.Protobuf.WellKnownTypes.Timestamp time) =>
        time.ToDateTimeOffset().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
