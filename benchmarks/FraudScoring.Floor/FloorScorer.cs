using System.Runtime.InteropServices;
using Grpc.Core;
using Microsoft.ML.OnnxRuntime;
using StackExchange.Redis;

namespace FraudScoring.Floor;

/// <summary>Reads six values from Redis in one command, fills a row from them, and runs the trees.</summary>
internal sealed class FloorScorer(IDatabase redis, InferenceSession session) : FloorService.FloorServiceBase
{
    private const int Features = 60, ValueBytes = 400;

    private static readonly RedisKey[] Keys = [.. Enumerable.Range(0, 6).Select(i => (RedisKey)$"floor:{i}")];
    private static readonly int PerValue = Features / Keys.Length;
    private static readonly string[] Inputs = ["X"], Outputs = ["Y"];
    private static readonly long[] Shape = [1, Features];
    private static readonly RunOptions Options = new();

    /// <summary>Opens the model with one thread that does not spin.</summary>
    public static InferenceSession Open(string path)
    {
        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new InferenceSession(path, options);
    }

    /// <summary>Writes the values that calls read.</summary>
    public static Task FillAsync(IDatabase redis)
    {
        var random = new Random(7);
        return redis.StringSetAsync([.. Keys.Select(key => KeyValuePair.Create(key, Value(random)))]);
    }

    public override async Task<FloorResponse> Score(FloorRequest request, ServerCallContext context)
    {
        var values = await redis.StringGetAsync(Keys);
        var row = new float[Features];
        for (var i = 0; i < values.Length; i++)
        {
            MemoryMarshal.Cast<byte, float>(((ReadOnlyMemory<byte>)values[i]).Span)[..PerValue].CopyTo(row.AsSpan(i * PerValue));
        }
        using var input = OrtValue.CreateTensorValueFromMemory(row, Shape);
        using var output = session.Run(Options, Inputs, [input], Outputs);
        return new FloorResponse { Score = output[0].GetTensorDataAsSpan<float>()[0] };
    }

    private static RedisValue Value(Random random)
    {
        var floats = new float[ValueBytes / sizeof(float)];
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = random.NextSingle();
        }
        return MemoryMarshal.AsBytes(floats.AsSpan()).ToArray();
    }
}
