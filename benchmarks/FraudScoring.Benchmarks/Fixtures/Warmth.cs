namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>Brings code to the state it has in a service that has run for a while.</summary>
internal static class Warmth
{
    private const int Rounds = 5;
    private const int CallsPerRound = 40;

    // The runtime compiles a method anew after 30 calls and a pause, twice; code that is not there yet allocates more, not only slower.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <summary>Calls each benchmark until its code is the runtime's last word.</summary>
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
