using System.Collections.Concurrent;
using System.Text;
using FraudScoring.TestKit.Services;
using FraudScoring.V1;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Scores payments at a fixed rate, independent of the service, and remembers which model versions answered.</summary>
internal sealed class SteadyLoad : IDisposable
{
    private const int Customers = 1000;

    // Far longer than any budget: a block counts what was not scored, not what was slow.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, bool> _versions = new();
    private readonly UnaryCaller _caller;
    private readonly LoadGenerator _generator;
    private readonly int _rate;

    /// <param name="service">The service. Its profiles have no history of the payments.</param>
    /// <param name="rate">Payments per second.</param>
    public SteadyLoad(ServiceProcess service, int rate)
    {
        _rate = rate;
        var traffic = SimulatedTraffic.WithoutHistory(Customers, TimeProvider.System);
        _caller = UnaryCaller.OfService(service.GrpcPort, Deadline, connections: 1, Read);
        _generator = new LoadGenerator(_caller, () => traffic.Payment(traffic.TakeNumber()), Deadline);
    }

    /// <summary>Number of model versions that have answered.</summary>
    public int Versions => _versions.Count;

    /// <summary>Whether this version has answered.</summary>
    public bool HasAnswered(string version) => _versions.ContainsKey(version);

    /// <summary>Scores payments until a task ends, and waits for the answers.</summary>
    public Task<Tally> AskAsync(Task until, CancellationToken cancellationToken) =>
        _generator.OpenUntilAsync(_rate, until, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _caller.Dispose();

    private Answer Read(ReadOnlySpan<byte> response)
    {
        var assessment = WireFields.Find(response, ScoreResponse.AssessmentFieldNumber);
        _versions.TryAdd(Encoding.UTF8.GetString(WireFields.Find(assessment, Assessment.ModelVersionFieldNumber)), true);
        return Answer.OfService(response);
    }
}
