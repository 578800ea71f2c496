using FraudScoring.Tests.Architecture.Planted.First;

namespace FraudScoring.Tests.Architecture.Planted.Second;

/// <summary>Half of a cycle that the checker must find. It uses an egg in an async method only.</summary>
internal sealed class Hen
{
    private readonly int _eggs = 1;

    public async Task<string> HatchAsync()
    {
        await Task.Yield();
        return $"{Egg.Laid()} {_eggs}";
    }
}
