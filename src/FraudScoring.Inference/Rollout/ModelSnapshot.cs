using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.Rollout;

/// <summary>A loaded model that is disposed when it was replaced and its last lease returned.</summary>
public sealed class ModelSnapshot(Ensemble ensemble)
{
    // One lease is held by the slot itself.
    private int _leases = 1;

    /// <summary>The loaded ensemble.</summary>
    public Ensemble Ensemble => ensemble;

    /// <summary>Takes a lease unless the last one has returned.</summary>
    internal bool TryLease()
    {
        var leases = Volatile.Read(ref _leases);
        while (leases > 0)
        {
            var seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases)
            {
                return true;
            }
            leases = seen;
        }
        return false;
    }

    /// <summary>Gives a lease back.</summary>
    /// <exception cref="InvalidOperationException">More leases came back than were taken: some run may use a model that is gone.</exception>
    public void Return()
    {
        var left = Interlocked.Decrement(ref _leases);
        if (left == 0)
        {
            ensemble.Dispose();
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("A lease was returned that was not taken.");
        }
    }
}
