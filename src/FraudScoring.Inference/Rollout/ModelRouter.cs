namespace FraudScoring.Inference.Rollout;

/// <summary>Says which model scores a payment. Replacing a model is one assignment; runs in flight end on the old one.</summary>
public sealed class ModelRouter : IDisposable
{
    private ModelSnapshot? _champion;

    /// <summary>The model in force, leased: give it back with <see cref="ModelSnapshot.Return"/>. Null when there is none.</summary>
    public ModelSnapshot? Route()
    {
        while (Volatile.Read(ref _champion) is { } champion)
        {
            if (champion.TryLease())
            {
                return champion;
            }
        }
        return null;
    }

    /// <summary>Puts a model in force and lets go of the one before.</summary>
    public void Promote(ModelSnapshot champion) => Interlocked.Exchange(ref _champion, champion)?.Return();

    /// <inheritdoc />
    public void Dispose() => Interlocked.Exchange(ref _champion, null)?.Return();
}
