using CsCheck;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Tests.Server.Features;

public sealed class BucketGroupsTests
{
    private static readonly int[] All = [.. Enumerable.Range(0, EntityKey.Buckets)];

    [Test]
    public void Create_KeysSpreadOverNodes_EachBucketIsByItself() =>
        Assert.That(BucketGroups.Create(All, _ => 1, isCluster: true), Is.EqualTo(All.Select(bucket => new[] { bucket })));

    [Test]
    public void Create_OneServer_FewKeysAreOneGroup() =>
        Assert.That(BucketGroups.Create(All, _ => 1, isCluster: false), Is.EqualTo(new[] { All }));

    [Test]
    public void Create_OneServer_ManyKeys_GroupsAreWithinTheBound_UnlessOneBucketIsMore() =>
        Gen.Int[1, BucketGroups.MostKeys + 49].Array[All.Length].Sample(sizes =>
        {
            var groups = BucketGroups.Create(All, bucket => sizes[bucket], isCluster: false);
            Assert.That(groups.SelectMany(group => group), Is.EqualTo(All), "each once, in order");
            int KeysOf(IEnumerable<int> group) => group.Sum(bucket => sizes[bucket]);
            Assert.That(groups.Where(group => group.Count > 1).Select(KeysOf), Is.All.LessThanOrEqualTo(BucketGroups.MostKeys));
            Assert.That(groups.Zip(groups.Skip(1), (group, next) => KeysOf(group) + sizes[next[0]]),
                Is.All.GreaterThan(BucketGroups.MostKeys));
        }, iter: 100);
}
