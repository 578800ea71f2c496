using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// Removes dead members from consumer groups. A broker would do so itself after the session timeout of 45 seconds, which is too long for a
/// test that kills many times. The other members see the same effect.
/// </summary>
internal static class ConsumerGroup
{
    private const short LeaveGroup = 13;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Removes all members with a client id from their groups.</summary>
    /// <returns>The number of removed members.</returns>
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

    /// <summary>Sends the request of a leaving member. The client library sends it only for its own membership.</summary>
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
        // The broker no longer knows a member whose session has expired meanwhile.
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
