using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Gates;
using FraudScoring.V1;
using Google.Protobuf;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

/// <summary>The stored predictions are those of the committed bundle, and can be written again.</summary>
public sealed class StoredPredictionsTests
{
    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Served;

    [Test]
    public void Stored_Graph_IsThatOfTheCommittedBundle()
    {
        var (stored, bundle) = (StoredPredictions.Read(), Committed());
        Assert.That(stored.GraphHash, Is.EqualTo(bundle.Manifest.Files[ModelManifest.GraphFileName]),
            "the bundle was trained again: run Write_FromTheGuidesLog_StoresPredictions explicitly");
        var unchanged = stored.Variants[StoredPredictions.Unchanged];
        Assert.That(unchanged, Has.Length.EqualTo((int)bundle.Manifest.Metrics["payments"]));
        Assert.That(stored.Labels.Count(fraud => fraud), Is.EqualTo((int)bundle.Manifest.Metrics["frauds"]));
        Assert.That(RankingMetrics.AveragePrecision(unchanged, stored.Labels),
            Is.EqualTo(bundle.Manifest.Metrics["average_precision"]).Within(1e-3), "log-odds are stored in steps");
        Assert.That(new FileInfo(StoredPredictions.Path).Length, Is.LessThan(1 << 20));
    }

    /// <summary>
    /// Writes predictions.bin.gz: simulates the log of the training guide, and scores its test days with the committed bundle. Run it with
    /// <c>dotnet test tests/FraudScoring.Tests --filter "FullyQualifiedName~Write_FromTheGuidesLog" -- NUnit.ExplicitMode=Relaxed</c>.
    /// </summary>
    [Test, Explicit("Writes a fixture; takes minutes.")]
    public void Write_FromTheGuidesLog_StoresPredictions()
    {
        var folder = Directory.CreateTempSubdirectory("predictions-").FullName;
        try
        {
            var (log, bundle) = (Path.Combine(folder, "train.events"), Committed());
            SimulatedLog.Write(new SimulationOptions { Customers = 2000, Terminals = 4000, Days = 120, Radius = 8, Seed = 7 },
                log, null, (_, _) => { }, CancellationToken.None);
            Assert.That(EventLogReader.Hash(log), Is.EqualTo(bundle.Manifest.Lineage.EventLogSha256));
            Score(log, bundle).Write();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        Assert.That(StoredPredictions.Read().Labels, Is.Not.Empty);
    }

    private static ModelBundle Committed() => ModelBundle.Load(BundleFolder.Committed, Catalogue, new())!;

    private static StoredPredictions Score(string log, ModelBundle bundle)
    {
        var test = bundle.Manifest.Lineage.Parts.Single(part => part.Name == "test");
        Assert.That(Days.TryParse(test.From, out var firstDay), Is.True);
        var book = LabelBook.Create(EventLogReader.Read(log));
        using var graphs = new Graphs(bundle);
        var (labels, payments) = (new List<bool>(), new List<TestPayment>());
        var replay = new HistoryReplay(Catalogue, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs);
        using LateRows hour = new(log, replay, MillisecondsPer.Hour, firstDay), day = new(log, replay, MillisecondsPer.Day, firstDay);
        replay.Run(EventLogReader.Read(log), (payment, row) =>
        {
            hour.Advance(payment);
            day.Advance(payment);
            if (payment.EventTimeMs >= firstDay * Days.Milliseconds)
            {
                labels.Add(book.IsFraud(payment.TransactionId));
                payments.Add(TestPayment.Create(payment, TestCatalogues.ServedRates));
                graphs.Score(row.Span, hour.Take(row.Span), day.Take(row.Span));
            }
        });
        graphs.ScoreWithoutTheFeatureThatMattersMost([.. labels]);
        return new StoredPredictions(
            bundle.Manifest.Files[ModelManifest.GraphFileName], [.. labels], [.. payments], graphs.Probabilities.ToDictionary(
                variant => variant.Key, variant => variant.Value.ToArray()));
    }

    /// <summary>The bundle, the bundle with one member weighted 0, and what they say of each payment.</summary>
    private sealed class Graphs : IDisposable
    {
        private readonly Ensemble _sound, _treesDead, _linearDead;
        private readonly float[] _margins;
        private readonly List<float[]> _rows = [];

        public Graphs(ModelBundle bundle)
        {
            Assert.That(bundle.Manifest.Members, Is.EqualTo(new[] { "trees", "linear" }));
            _margins = new float[bundle.Manifest.Members.Count];
            (_sound, _treesDead, _linearDead) = (Load(_ => 1), Load(member => member == 0 ? 0 : 1), Load(member => member == 1 ? 0 : 1));
        }

        public Dictionary<string, List<double>> Probabilities { get; } = new[]
        {
            StoredPredictions.Unchanged, StoredPredictions.TreesDead, StoredPredictions.LinearDead, StoredPredictions.NoFeature,
            StoredPredictions.HourLate, StoredPredictions.DayLate,
        }.ToDictionary(name => name, _ => new List<double>());

        public void Score(ReadOnlySpan<float> row, ReadOnlySpan<float> hourLate, ReadOnlySpan<float> dayLate)
        {
            _rows.Add(row.ToArray());
            Add(StoredPredictions.Unchanged, _sound, row);
            Add(StoredPredictions.TreesDead, _treesDead, row);
            Add(StoredPredictions.LinearDead, _linearDead, row);
            Add(StoredPredictions.HourLate, _sound, hourLate);
            Add(StoredPredictions.DayLate, _sound, dayLate);
        }

        /// <summary>Blanks each feature, and keeps the predictions that rank worst.</summary>
        public void ScoreWithoutTheFeatureThatMattersMost(bool[] labels)
        {
            var (worst, least, blanked) = ("", 1.0, new float[Catalogue.Features.Count]);
            for (var feature = 0; feature < blanked.Length; feature++)
            {
                double[] probabilities = [.. _rows.Select(row =>
                {
                    row.CopyTo(blanked, 0);
                    blanked[feature] = float.NaN;
                    FeatureBuilder.FillFormulas(Catalogue, blanked);
                    return (double)_sound.Run(blanked, _margins).Probability;
                })];
                var precision = RankingMetrics.AveragePrecision(probabilities, labels);
                if (precision < least)
                {
                    (worst, least) = (Catalogue.Features[feature].Name, precision);
                    Probabilities[StoredPredictions.NoFeature] = [.. probabilities];
                }
            }
            TestContext.Out.WriteLine($"Without {worst}, the average precision is {least:0.0000}.");
        }

        public void Dispose()
        {
            _sound.Dispose();
            _treesDead.Dispose();
            _linearDead.Dispose();
        }

        private void Add(string variant, Ensemble ensemble, ReadOnlySpan<float> row) =>
            Probabilities[variant].Add(ensemble.Run(row, _margins).Probability);

        private static Ensemble Load(Func<int, float> weightOf)
        {
            using var folder = new BundleFolder();
            var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.Path(ModelManifest.GraphFileName)));
            var weights = model.Graph.Initializer.Single(tensor => tensor.Name == EnsembleGraph.StackerWeights).FloatData;
            for (var member = 0; member < weights.Count; member++)
            {
                weights[member] *= weightOf(member);
            }
            folder.ReplaceGraph(model.ToByteArray());
            var faults = new Faults();
            var ensemble = Ensemble.Load(folder.Read(faults)!, Catalogue.Features.Count, faults);
            Assert.That(faults, Is.Empty);
            return ensemble!;
        }
    }

    /// <summary>
    /// The rows that payments would have if profiles lagged: from the payments and labels that arrived at least that long before. Requests
    /// to score are counted without a lag, as in the service.
    /// </summary>
    private sealed class LateRows(string log, HistoryReplay replay, long lagMs, int firstDay) : IDisposable
    {
        private static readonly int[] Attempts =
            [.. Catalogue.Features.Index().Where(f => f.Item.Name.Contains("_attempts_", StringComparison.Ordinal)).Select(f => f.Index)];

        private readonly IEnumerator<Payment> _ahead = Payments(log).GetEnumerator();
        private readonly Queue<float[]> _rows = new();
        private bool _started, _ended;

        /// <summary>Computes the rows of the payments that are made until a lag after this one, before which the profiles are now.</summary>
        public void Advance(Payment current)
        {
            _ended = _started ? _ended : !_ahead.MoveNext();
            _started = true;
            while (!_ended && _ahead.Current.EventTimeMs <= current.EventTimeMs + lagMs)
            {
                if (_ahead.Current.EventTimeMs >= firstDay * Days.Milliseconds)
                {
                    var row = new float[Catalogue.Features.Count];
                    replay.FillAs(_ahead.Current, row);
                    _rows.Enqueue(row);
                }
                _ended = !_ahead.MoveNext();
            }
        }

        /// <summary>The next payment's late row, with the requests that its row on time counts.</summary>
        public float[] Take(ReadOnlySpan<float> onTime)
        {
            var row = _rows.Dequeue();
            foreach (var feature in Attempts)
            {
                row[feature] = onTime[feature];
            }
            FeatureBuilder.FillFormulas(Catalogue, row);
            return row;
        }

        public void Dispose() => _ahead.Dispose();

        private static IEnumerable<Payment> Payments(string log) => EventLogReader.Read(log)
            .Where(record => record.EventCase == EventLogRecord.EventOneofCase.Transaction)
            .Select(record => PaymentReader.Parse(record.Transaction.Payment, PaymentLimits.AnyTime, 0, new())!);
    }
}
