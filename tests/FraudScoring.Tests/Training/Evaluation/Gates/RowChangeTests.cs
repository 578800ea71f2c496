using FraudScoring.Core.Statistics;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

public sealed class RowChangeTests
{
    private readonly RowChange _change = new(TestCatalogues.Served);
    private readonly List<float[]> _rows = [];
    private readonly List<(string Field, float[] Row, float[] Changed)> _unseen = [];
    private string _folder = "";

    [OneTimeSetUp]
    public void Replay()
    {
        _folder = Directory.CreateTempSubdirectory("rows-").FullName;
        var path = Path.Combine(_folder, "events.log");
        SimulatedLog.Write(new SimulationOptions { Customers = 40, Terminals = 80, Days = 6, Seed = 4 },
            path, null, (_, _) => { }, CancellationToken.None);
        var survey = new LogSurvey(0);
        var book = LabelBook.Create(survey.Watch(EventLogReader.Read(path)));
        Assert.That(survey.PaymentsUntil(long.MaxValue), Is.EqualTo(book.Payments));
        string[] fields = ["country", "merchant_category", "merchant", "device"];
        UnseenValue[] values = [.. fields.Select(field => new UnseenValue(field, survey))];
        var replay = new HistoryReplay(TestCatalogues.Served, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs);
        replay.Run(EventLogReader.Read(path), (payment, row) =>
        {
            _rows.Add(row.ToArray());
            var same = new float[row.Length];
            replay.FillAs(payment, same);
            Assert.That(same, Is.EqualTo(_rows[^1]), "the same payment has the same row");
            foreach (var value in values)
            {
                var changed = new float[row.Length];
                replay.FillAs(value.In(payment), changed);
                _unseen.Add((value.Field, _rows[^1], changed));
            }
        });
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void FillAs_UnseenCountry_IsNewToTheCardAndNothingElse()
    {
        var (same, isNew) = (Index("card_same_country_30d"), Index("country_is_new_to_card"));
        foreach (var (_, row, changed) in _unseen.Where(unseen => unseen.Field == "country"))
        {
            Assert.That(changed[same], Is.EqualTo(0).Or.NaN);
            Assert.That(Differences(row, changed), Is.SubsetOf(new[] { same, isNew }));
        }
        Assert.That(_unseen.Where(unseen => unseen.Field == "country").SelectMany(unseen => Differences(unseen.Row, unseen.Changed)),
            Does.Contain(isNew));
    }

    [Test]
    public void FillAs_UnseenMerchantCategory_IsOneTheLogDoesNotHave()
    {
        var category = Index("merchant_category");
        var seen = _rows.Select(row => row[category]).ToHashSet();
        var changed = _unseen.Where(unseen => unseen.Field == "merchant_category")
            .Select(unseen => unseen.Changed[category]).Where(value => !float.IsNaN(value)).ToHashSet();
        Assert.That(changed, Has.Count.EqualTo(1));
        Assert.That(seen, Does.Not.Contain(changed.Single()));
    }

    [Test]
    public void FillAs_UnseenEntity_HasNoHistoryButItsOwnRequest()
    {
        foreach (var (_, row, changed) in _unseen.Where(unseen => unseen.Field == "device"))
        {
            var hasDevice = row[Index("has_device")] == 1;
            Assert.That(changed[Index("device_attempts_10m")], hasDevice ? Is.EqualTo(1) : Is.NaN);
            Assert.That(changed[Index("device_count_24h")], hasDevice ? Is.Zero : Is.NaN);
        }
        Assert.That(_unseen.Where(unseen => unseen.Field == "merchant").Select(unseen => unseen.Changed[Index("merchant_count_30d")]),
            Is.All.Zero);
    }

    [Test]
    public void BlankEntity_Merchant_IsMissingWithTheFormulasOverIt()
    {
        var entity = TestCatalogues.Served.Entities.ToList().FindIndex(plan => plan.Name == "merchant");
        foreach (var row in _rows.Take(200))
        {
            var changed = (float[])row.Clone();
            _change.BlankEntity(entity, changed);
            foreach (var feature in TestCatalogues.Served.Features.Where(feature => feature.Entity == entity))
            {
                Assert.That(changed[feature.Index], Is.NaN);
            }
            Assert.That(changed[Index("amount_z_score_merchant_30d")], Is.NaN);
            Assert.That(changed[Index("card_count_24h")], Is.EqualTo(row[Index("card_count_24h")]));
            Assert.That(changed[Index("amount_over_card_mean_30d")], Is.EqualTo(row[Index("amount_over_card_mean_30d")]));
        }
    }

    [Test]
    public void BlankPayment_All_LeavesHistories()
    {
        var changed = (float[])_rows[^1].Clone();
        _change.BlankPayment(changed);
        Assert.That(new[] { changed[Index("amount")], changed[Index("channel")], changed[Index("amount_over_card_mean_30d")] }, Is.All.NaN);
        Assert.That(changed[Index("card_count_30d")], Is.EqualTo(_rows[^1][Index("card_count_30d")]));
    }

    [Test]
    public void BlankSome_ShareOfAll_IsAboutTheShareAndTheSameForTheSameStream()
    {
        var (missing, all) = (0, 0);
        for (var i = 0; i < _rows.Count; i++)
        {
            float[] first = (float[])_rows[i].Clone(), again = (float[])_rows[i].Clone();
            _change.BlankSome(0.1, new RandomStream(1, RandomPurpose.Robustness, i), first);
            _change.BlankSome(0.1, new RandomStream(1, RandomPurpose.Robustness, i), again);
            Assert.That(again, Is.EqualTo(first));
            int[] plain = [Index("amount"), Index("channel"), Index("merchant_count_30d"), Index("card_attempts_1m")];
            missing += plain.Count(f => float.IsNaN(first[f]) && !float.IsNaN(_rows[i][f]));
            all += plain.Count(f => !float.IsNaN(_rows[i][f]));
        }
        Assert.That((double)missing / all, Is.EqualTo(0.1).Within(0.03));
    }

    [Test]
    public void AddNoise_TenPercent_StaysWithinItAndLeavesCodes()
    {
        for (var i = 0; i < _rows.Count; i++)
        {
            var (row, noisy) = (_rows[i], (float[])_rows[i].Clone());
            _change.AddNoise(0.1, new RandomStream(2, RandomPurpose.Robustness, i), noisy);
            foreach (var same in new[] { "channel", "merchant_category", "hour_of_day", "is_weekend", "has_device" })
            {
                Assert.That(noisy[Index(same)], Is.EqualTo(row[Index(same)]));
            }
            Assert.That(noisy[Index("amount")] / row[Index("amount")], Is.InRange(0.9, 1.1001).Or.NaN);
            Assert.That(noisy[Index("device_is_new_to_card")], Is.EqualTo(row[Index("device_is_new_to_card")]),
                "a share of zero is zero");
        }
    }

    private static int Index(string feature) => TestCatalogues.Served.IndexOf(feature);

    private static int[] Differences(float[] row, float[] changed) =>
        [.. Enumerable.Range(0, row.Length).Where(i => !row[i].Equals(changed[i]))];
}
