using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Inference.UserModels;
using FraudScoring.Onnx;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Inference.Rollout;

/// <summary>A model is replaced repeatedly under load. Every run completes, on a version that was loaded.</summary>
public sealed class HotSwapTests
{
    private const int Swaps = 100, Workers = 4;

    [Test]
    public async Task Replace_AHundredTimesUnderLoad_LosesNoRun()
    {
        using var folder = new UserModelFiles();
        using var router = new ModelRouter();
        var library = new ModelLibrary(TestCatalogues.Served, SealRequirements.None);
        var (refused, loaded) = (new Dictionary<string, string>(), new HashSet<ModelSnapshot>());
        void Swap(int number)
        {
            folder.Put("adds", "1", Adds(number));
            var faults = new Faults();
            router.Replace(library.LoadAll(folder.Root, router.Loaded, refused, faults));
            Assert.That(faults, Is.Empty);
            loaded.Add(router.Loaded.All.Single());
        }
        Swap(0);
        using var end = new CancellationTokenSource();
        var runs = 0;
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Run(() => Ask(router, end.Token, ref runs))).ToArray();
        for (var number = 1; number <= Swaps; number++)
        {
            var target = Volatile.Read(ref runs) + 20;
            while (Volatile.Read(ref runs) < target)
            {
                await Task.Yield();
            }
            Swap(number);
        }
        await end.CancelAsync();
        Assert.That((await Task.WhenAll(workers)).Sum(), Is.Zero, "runs that failed or used an older version than the run before");
        Assert.That(loaded, Has.Count.EqualTo(Swaps + 1));
        Assert.That(loaded.Count(model => model.TryLease()), Is.EqualTo(1), "all but the last are unloaded");
    }

    /// <summary>Runs the model in a loop. Versions must never decrease.</summary>
    private static int Ask(ModelRouter router, CancellationToken end, ref int runs)
    {
        var (newest, failures) = (0f, 0);
        var input = new Tensor("x", TensorType.Fp32, [1, 1], new byte[4]);
        while (!end.IsCancellationRequested)
        {
            var lease = router.Route("adds", "")!;
            var answer = lease.Served.Run([input], lease.Served.Outputs, default);
            var version = MemoryMarshal.Cast<byte, float>(answer.Tensors[0].Bytes.Span)[0];
            lease.Return();
            failures += version >= newest && version <= Swaps ? 0 : 1;
            newest = version;
            Interlocked.Increment(ref runs);
        }
        return failures;
    }

    private static ModelProto Adds(int number)
    {
        ValueInfoProto Value(string name) => new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)TensorProto.Types.DataType.Float,
                    Shape = new TensorShapeProto
                    {
                        Dim = { new TensorShapeProto.Types.Dimension(), new TensorShapeProto.Types.Dimension { DimValue = 1 } },
                    },
                },
            },
        };
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new GraphProto
            {
                Name = "g", Input = { Value("x") }, Output = { Value("y") },
                Node = { new NodeProto { OpType = "Add", Input = { "x", "n" }, Output = { "y" } } },
                Initializer =
                {
                    new TensorProto { Name = "n", DataType = (int)TensorProto.Types.DataType.Float, Dims = { 1 }, FloatData = { number } },
                },
            },
        };
    }
}
