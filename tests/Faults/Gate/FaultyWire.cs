using System.Buffers.Binary;
using System.Net.Sockets;

namespace Handrail.Faults.Gate;

/// <summary>Stands between a console and its PostgreSQL, and understands enough of the protocol to strike single round trips as the plan says.</summary>
internal sealed class FaultyWire(string connectionString, FaultPlan plan) : PostgresProxy(connectionString)
{
    protected override Task CarryAsync(NetworkStream console, NetworkStream server)
    {
        var trip = new RoundTrip();
        return Task.WhenAny(SendAsync(console, server, trip), AnswerAsync(server, console, trip));
    }

    /// <summary>What the console asks; a round trip ends with a Sync or is a simple query.</summary>
    private async Task SendAsync(NetworkStream from, NetworkStream to, RoundTrip trip)
    {
        // The first message has no type.
        var start = await ReadAsync(from, typed: false);
        await to.WriteAsync(start, Over);
        while (await ReadAsync(from, typed: true) is { Length: > 0 } message)
        {
            if (message[0] is (byte)'S' or (byte)'Q' && plan.Next(FaultPlace.Wire) is { } fault)
            {
                if (fault.Kind is FaultKind.Before or FaultKind.Outage)
                {
                    return;
                }

                if (fault.Kind == FaultKind.Slow)
                {
                    await FaultPlan.WaitAsync();
                }

                trip.Fault = fault.Kind is FaultKind.Slow ? null : fault;
            }

            await to.WriteAsync(message, Over);
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to, RoundTrip trip)
    {
        while (await ReadAsync(from, typed: true) is { Length: > 0 } message)
        {
            var fault = trip.Fault;
            switch (fault?.Kind)
            {
                case FaultKind.After when message[0] == 'Z':
                    // Done, and nobody is told; or told that the server ends.
                    await to.WriteAsync(fault.Seed % 2 == 0 ? [] : Ending(), Over);
                    return;
                case FaultKind.After:
                    continue;
                case FaultKind.Malformed when message[0] == 'D':
                    message = Malformed(message, new Random(fault.Seed));
                    trip.Fault = null;
                    break;
                case FaultKind.Malformed when message[0] == 'Z':
                    trip.Fault = null;
                    break;
            }

            await to.WriteAsync(message, Over);
        }
    }

    /// <summary>One field of a row is missing, or of what is long the half.</summary>
    private static byte[] Malformed(byte[] row, Random random)
    {
        var fields = new List<byte[]?>();
        for (var at = 7; fields.Count < BinaryPrimitives.ReadInt16BigEndian(row.AsSpan(5));)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(at));
            fields.Add(length < 0 ? null : row[(at + 4)..(at + 4 + length)]);
            at += 4 + Math.Max(0, length);
        }

        if (fields.Count == 0)
        {
            return row;
        }

        var which = random.Next(fields.Count);
        fields[which] = fields[which] is { Length: > 0 } json && json[0] is (byte)'{' or (byte)'[' && random.Next(2) == 0 ? json[..(json.Length / 2)] : null;
        using var made = new MemoryStream();
        var room = new byte[4];
        made.Write([(byte)'D', 0, 0, 0, 0]);
        BinaryPrimitives.WriteInt16BigEndian(room, (short)fields.Count);
        made.Write(room.AsSpan(0, 2));
        foreach (var field in fields)
        {
            BinaryPrimitives.WriteInt32BigEndian(room, field?.Length ?? -1);
            made.Write(room);
            made.Write(field ?? []);
        }

        var message = made.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - 1);
        return message;
    }

    private static byte[] Ending()
    {
        var text = "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"u8;
        var message = new byte[5 + text.Length];
        message[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - 1);
        text.CopyTo(message.AsSpan(5));
        return message;
    }

    /// <returns>A whole message with its head; empty at the end.</returns>
    private async Task<byte[]> ReadAsync(NetworkStream from, bool typed)
    {
        var before = typed ? 1 : 0;
        var head = new byte[4 + before];
        if (await from.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, Over) < head.Length)
        {
            return [];
        }

        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(before)) + before];
        head.CopyTo(message, 0);
        await from.ReadExactlyAsync(message.AsMemory(head.Length), Over);
        return message;
    }

    private sealed class RoundTrip
    {
        public volatile Fault? Fault;
    }
}
