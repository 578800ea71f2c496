namespace FraudScoring.Server.Admission;

/// <summary>The least of values that several threads report.</summary>
internal static class Least
{
    /// <summary>Lowers the field to the value, unless it is lower already.</summary>
    public static void Lower(ref long field, long value)
    {
        for (var least = Volatile.Read(ref field); value < least;)
        {
            var seen = Interlocked.CompareExchange(ref field, value, least);
            least = seen == least ? value : seen;
        }
    }
}
