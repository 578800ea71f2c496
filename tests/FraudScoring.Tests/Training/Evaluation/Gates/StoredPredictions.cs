using System.IO.Compression;
using System.Text;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

/// <summary>
/// The committed bundle's predictions of the payments of its test days, with those it gives when something is wrong with it or its
/// features: <c>predictions.bin.gz</c>, written by <see cref="StoredPredictionsTests"/>.
/// </summary>
/// <remarks>
/// Gzip of little-endian columns: SHA-256 of the graph, names of countries and of variants, number of payments, then per payment label,
/// day, card, channel, merchant category, country and amount, and per variant the log-odds in steps of 1/2048, 16 bits wide, as the
/// difference from the first variant.
/// </remarks>
internal sealed record StoredPredictions(
    string GraphHash, bool[] Labels, TestPayment[] Payments, IReadOnlyDictionary<string, double[]> Variants)
{
    public const string Unchanged = "unchanged", TreesDead = "trees dead", LinearDead = "linear dead", NoFeature = "NaN for one feature",
        HourLate = "features an hour late", DayLate = "features a day late";

    private const double Steps = 2048, Most = 15.99;

    public static string Path { get; } = RepositoryFiles.Path(
        "tests", "FraudScoring.Tests", "Training", "Evaluation", "Gates", "predictions.bin.gz");

    /// <summary>The group of each payment, by the fields of the gates' settings.</summary>
    public IReadOnlyList<(string Field, IReadOnlyList<string> Groups)> Segments(GateSettings settings) =>
    [
        .. settings.Fairness.Segments.Select(name => (name, (IReadOnlyList<string>)[.. Payments.Select(ToPayment).Select(
            new SegmentField(name).GroupOf)])),
    ];

    public static StoredPredictions Read()
    {
        using var reader = new BinaryReader(
            new GZipStream(File.OpenRead(Path), CompressionMode.Decompress), Encoding.UTF8, leaveOpen: false);
        var hash = reader.ReadString();
        string[] countries = Texts(), variants = Texts();
        var count = reader.ReadInt32();
        var labels = Column(() => reader.ReadByte() == 1);
        int[] days = Column(() => (int)reader.ReadUInt16()), cards = Column(() => (int)reader.ReadUInt16());
        var channels = Column(() => (Channel)reader.ReadByte());
        var categories = Column(() => (int)reader.ReadUInt16());
        var country = Column(() => countries[reader.ReadByte()]);
        var amounts = Column(reader.ReadInt32);
        var payments = Enumerable.Range(0, count).Select(i => new TestPayment(days[i], cards[i])
        {
            Traits = new PaymentTraits(channels[i], categories[i], country[i].Length == 0 ? null : country[i], amounts[i]),
        });
        var first = new short[count];
        var logOdds = variants.ToDictionary(name => name, _ =>
        {
            var column = Column(reader.ReadInt16);
            short[] values = [.. column.Select((value, i) => (short)(first[i] + value))];
            first = first.Any(value => value != 0) ? first : values;
            return Array.ConvertAll(values, value => 1 / (1 + Math.Exp(-value / Steps)));
        });
        return new StoredPredictions(hash, labels, [.. payments], logOdds);

        string[] Texts() => [.. Enumerable.Range(0, reader.ReadByte()).Select(_ => reader.ReadString())];
        T[] Column<T>(Func<T> next) => [.. Enumerable.Range(0, count).Select(_ => next())];
    }

    public void Write()
    {
        using var writer = new BinaryWriter(new GZipStream(File.Create(Path), CompressionLevel.SmallestSize), Encoding.UTF8, leaveOpen: false);
        string[] countries = [.. Payments.Select(payment => payment.Traits.Country ?? "").Distinct().Order(StringComparer.Ordinal)];
        var cards = Payments.Select(payment => payment.Card).Distinct().Index().ToDictionary(card => card.Item, card => (ushort)card.Index);
        writer.Write(GraphHash);
        Texts(countries);
        Texts([.. Variants.Keys]);
        writer.Write(Labels.Length);
        Array.ForEach(Labels, label => writer.Write((byte)(label ? 1 : 0)));
        Column(payment => writer.Write((ushort)payment.Day));
        Column(payment => writer.Write(cards[payment.Card]));
        Column(payment => writer.Write((byte)payment.Traits.Channel));
        Column(payment => writer.Write((ushort)payment.Traits.MerchantCategory));
        Column(payment => writer.Write((byte)Array.IndexOf(countries, payment.Traits.Country ?? "")));
        Column(payment => writer.Write((int)payment.Traits.Amount));
        var first = Array.ConvertAll(Variants[Unchanged], ToSteps);
        foreach (var (name, probabilities) in Variants)
        {
            for (var i = 0; i < first.Length; i++)
            {
                writer.Write((short)(ToSteps(probabilities[i]) - (name == Unchanged ? 0 : first[i])));
            }
        }

        void Texts(string[] texts)
        {
            writer.Write((byte)texts.Length);
            Array.ForEach(texts, writer.Write);
        }

        void Column(Action<TestPayment> write) => Array.ForEach(Payments, write);
    }

    private static short ToSteps(double probability) =>
        (short)Math.Round(Math.Clamp(Math.Log(probability / (1 - probability)), -Most, Most) * Steps);

    private static Payment ToPayment(TestPayment payment) => new()
    {
        TransactionId = "", EventTimeMs = 0, AmountMinor = payment.Traits.Amount, Currency = TestPayments.Euro, Card = "", Merchant = "",
        Country = payment.Traits.Country, MerchantCategory = payment.Traits.MerchantCategory, Channel = payment.Traits.Channel,
    };
}
