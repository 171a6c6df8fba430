using System.Text.Json;
using Handrail.TestAgent;

// Handrail.TestAgent ORDERS.json: an agent to be killed, suspended and started again. A line on standard input takes it on from where it halts.
var orders = JsonSerializer.Deserialize<AgentOrders>(await File.ReadAllTextAsync(args[0]))!;
var halts = new Halts(Console.Out);

// A thread of its own: reading standard input blocks.
var listening = new Thread(() =>
{
    while (Console.In.ReadLine() is not null)
    {
        halts.Release();
    }
});
listening.IsBackground = true;
listening.Start();
using var runner = new ErrandRunner(orders, halts);
await runner.RunAsync();
