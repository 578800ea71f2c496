using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Features;

/// <summary>The updates of a batch of records, gathered by entity, so that each profile is read and written once. Reused.</summary>
internal sealed class ProfileBatch(FeatureCatalogue catalogue, ProfileKeys keys)
{
    private readonly EntityKey[] _keys = new EntityKey[catalogue.Entities.Count];
    private readonly Dictionary<(int Entity, EntityKey Key), int> _indexOf = [];
    private readonly List<PendingProfile> _pending = [];

    /// <summary>The touched profiles.</summary>
    public IReadOnlyList<PendingProfile> Pending => _pending.GetRange(0, _indexOf.Count);

    /// <summary>How many records were added.</summary>
    public int Records { get; private set; }

    /// <summary>Adds a payment's record.</summary>
    public void Add(int source, long offset, Payment payment, long amount)
    {
        keys.Of(payment, _keys);
        var update = new ProfileUpdate(source, offset, payment, amount, null);
        for (var e = 0; e < _keys.Length; e++)
        {
            Add(e, _keys[e], update);
        }
        Records++;
    }

    /// <summary>Adds a label's record.</summary>
    public void Add(int source, long offset, Label label)
    {
        var update = new ProfileUpdate(source, offset, null, 0, label);
        for (var e = 0; e < _keys.Length; e++)
        {
            if (catalogue.Entities[e].KeepsLabels)
            {
                Add(e, keys.Of(e, label), update);
            }
        }
        Records++;
    }

    /// <summary>Forgets everything, for the next batch.</summary>
    public void Clear()
    {
        _indexOf.Clear();
        Records = 0;
    }

    private void Add(int entity, EntityKey key, in ProfileUpdate update)
    {
        if (key.IsNone)
        {
            return;
        }
        if (!_indexOf.TryGetValue((entity, key), out var index))
        {
            index = _indexOf.Count;
            _indexOf.Add((entity, key), index);
            if (index == _pending.Count)
            {
                _pending.Add(new PendingProfile());
            }
            _pending[index].Start(entity, keys.Name(entity, key));
        }
        _pending[index].Updates.Add(update);
    }
}

/// <summary>One profile of a batch, and what is to be taken into it.</summary>
internal sealed class PendingProfile
{
    public int Entity { get; private set; }

    public StackExchange.Redis.RedisKey Key { get; private set; }

    /// <summary>In the order of their records.</summary>
    public List<ProfileUpdate> Updates { get; } = [];

    public void Start(int entity, StackExchange.Redis.RedisKey key)
    {
        (Entity, Key) = (entity, key);
        Updates.Clear();
    }
}
