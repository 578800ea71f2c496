namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>Brings code to the state it has in a service that has been running for a while.</summary>
internal static class Warmth
{
    private const int Rounds = 5;
    private const int CallsPerRound = 40;

    // The runtime recompiles a method after 30 calls and a pause, twice. Code of a lower tier is slower and also allocates more.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <summary>Calls each benchmark until the runtime has compiled its code to the last tier.</summary>
    public static async Task ReachAsync(params Action[] benchmarks)
    {
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var benchmark in benchmarks)
            {
                for (var call = 0; call < CallsPerRound; call++)
                {
                    benchmark();
                }
            }
            await Task.Delay(Pause);
        }
    }
}
