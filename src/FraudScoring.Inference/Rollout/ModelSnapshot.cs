using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Inference.Rollout;

/// <summary>A loaded model that is disposed when it was replaced and its last lease returned.</summary>
/// <param name="served">The model.</param>
/// <param name="fingerprint">What its files looked like when it was loaded.</param>
public sealed class ModelSnapshot(IServedModel served, string fingerprint = "")
{
    // One lease is held by the slot itself.
    private int _leases = 1;

    /// <summary>The model by its tensors.</summary>
    public IServedModel Served => served;

    /// <summary>It is a bundle, which can score payments.</summary>
    public bool IsBundle => served is BundleModel;

    /// <summary>The loaded ensemble of a bundle.</summary>
    /// <exception cref="InvalidOperationException">It is no bundle.</exception>
    public Ensemble Ensemble => served is BundleModel bundle ? bundle.Ensemble
        : throw new InvalidOperationException($"{served.Id} is no bundle and has no ensemble.");

    /// <summary>What its files looked like when it was loaded.</summary>
    internal string Fingerprint => fingerprint;

    /// <summary>It was replaced, its last lease returned, and it is disposed of.</summary>
    public bool IsGone => Volatile.Read(ref _leases) <= 0;

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
            served.Dispose();
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("A lease was returned that was not taken.");
        }
    }
}
