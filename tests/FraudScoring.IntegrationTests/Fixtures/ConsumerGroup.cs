using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// Tells a broker that members of consumer groups are dead. It would find out by itself once their session of 45 seconds ends, which a test
/// that kills many times cannot wait for; what the other members see is the same.
/// </summary>
internal static class ConsumerGroup
{
    private const short LeaveGroup = 13;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Removes the members of a client's name from all groups.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> RemoveAsync(string bootstrapServers, string clientId)
    {
        var config = new AdminClientConfig { BootstrapServers = bootstrapServers };
        using var admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build();
        var listed = await admin.ListConsumerGroupsAsync(new ListConsumerGroupsOptions { RequestTimeout = Limit });
        var groups = listed.Valid.ConvertAll(group => group.GroupId);
        if (groups.Count == 0)
        {
            return 0;
        }
        var described = await admin.DescribeConsumerGroupsAsync(groups, new DescribeConsumerGroupsOptions { RequestTimeout = Limit });
        var dead = described.ConsumerGroupDescriptions.SelectMany(group => group.Members
            .Where(member => member.ClientId == clientId).Select(member => (group.GroupId, member.ConsumerId))).ToList();
        foreach (var (groupId, memberId) in dead)
        {
            await LeaveAsync(bootstrapServers, groupId, memberId);
        }
        return dead.Count;
    }

    /// <summary>The request of a member that leaves. The client library sends it for itself alone, so it is written here.</summary>
    private static async Task LeaveAsync(string bootstrapServers, string groupId, string memberId)
    {
        using var body = new MemoryStream();
        Write(body, [0, (byte)LeaveGroup, 0, 0, 0, 0, 0, 1]);
        Array.ForEach(["tests", groupId, memberId], text => Write(body, text));
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, (int)body.Length);

        using var timeout = new CancellationTokenSource(Limit);
        using var client = new TcpClient();
        var address = bootstrapServers.Split(':');
        await client.ConnectAsync(address[0], int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture), timeout.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(length, timeout.Token);
        await stream.WriteAsync(body.ToArray(), timeout.Token);
        var answer = new byte[4 + 4 + 2];
        await stream.ReadExactlyAsync(answer, timeout.Token);
        var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(8));
        // A member that the broker has given up meanwhile is not known to it.
        Assert.That(error, Is.EqualTo(ErrorCode.NoError).Or.EqualTo(ErrorCode.UnknownMemberId), $"{memberId} of {groupId} was not removed");
    }

    private static void Write(MemoryStream body, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Write(body, [(byte)(bytes.Length >> 8), (byte)bytes.Length]);
        Write(body, bytes);
    }

    private static void Write(MemoryStream body, byte[] bytes) => body.Write(bytes);
}
