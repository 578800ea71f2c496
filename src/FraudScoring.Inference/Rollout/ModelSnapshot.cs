using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Inference.Rollout;

/// <summary>
/// A loaded model with a count of its leases. It is disposed of when it has been replaced and its last lease is returned.
/// </summary>
/// <param name="served">The model.</param>
/// <param name="fingerprint">Fingerprint of its files when it was loaded.</param>
public sealed class ModelSnapshot(IServedModel served, string fingerprint = "")
{
    // The set of loaded models holds one lease.
    private int _leases = 1;

    /// <summary>The model.</summary>
    public IServedModel Served => served;

    /// <summary>True for a bundle, which can score payments.</summary>
    public bool IsBundle => served is BundleModel;

    /// <summary>The ensemble of a bundle.</summary>
    /// <exception cref="InvalidOperationException">The model is not a bundle.</exception>
    public Ensemble Ensemble => served is BundleModel bundle ? bundle.Ensemble
        : throw new InvalidOperationException($"{served.Id} is not a bundle and has no ensemble.");

    internal string Fingerprint => fingerprint;

    /// <summary>True once it was replaced, its last lease was returned, and it is disposed of.</summary>
    public bool IsGone => Volatile.Read(ref _leases) <= 0;

    /// <summary>Takes a lease, unless the last one has been returned.</summary>
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

    /// <summary>Returns a lease.</summary>
    /// <exception cref="InvalidOperationException">More leases were returned than taken: a run may use a disposed model.</exception>
    public void Return()
    {
        var left = Interlocked.Decrement(ref _leases);
        if (left == 0)
        {
            served.Dispose();
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("A lease was returned that was not taken.");
        }
    }
}
