using FraudScoring.Tests.Architecture.Planted.Second;

namespace FraudScoring.Tests.Architecture.Planted.First;

/// <summary>Half of a cycle that the checker must find. It uses a hen in a lambda only.</summary>
internal static class Egg
{
    public static string Laid() => string.Concat(Enumerable.Range(0, 1).Select(_ => new Hen().ToString()));
}
