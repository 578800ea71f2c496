using System.Diagnostics;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Api;

/// <summary>Where a request of the Open Inference Protocol spends its time, as Triton splits it.</summary>
internal enum InferencePart
{
    /// <summary>Waits for a run.</summary>
    Queue,
    /// <summary>Its tensors are read and checked.</summary>
    Input,
    /// <summary>The model runs.</summary>
    Infer,
    /// <summary>The answer is written.</summary>
    Output,
}

/// <summary>Takes the time of each part of one request.</summary>
internal struct InferenceClock(string model)
{
    private static readonly string[] Names = [.. Enum.GetNames<InferencePart>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>A part has ended, and the next begins.</summary>
    public void Mark(InferencePart part)
    {
        var now = Stopwatch.GetTimestamp();
        ServerMetrics.ServingParts.WithLabels(model, Names[(int)part]).Observe(Stopwatch.GetElapsedTime(_since, now).TotalSeconds);
        _since = now;
    }
}
