using System.Text.Json.Nodes;
using Handrail.Client;
using Handrail.Policy;
using Handrail.Simulator.Playing;

namespace Handrail.Simulator.Agents;

/// <summary>A car dealership's chat: 5 to 25 turns with a customer, a look at the stock, and a test drive or a reservation at the end.</summary>
internal sealed class DealershipChat : AgentScript
{
    public const int FewestTurns = 5;
    public const int MostTurns = 25;

    private static readonly AgentIdentity Self = new(
        "dealership-chat", "5.2.0", "openai", "gpt-5.4-mini",
        "You are the chat of Lakeside Motors. Answer from the stock list and the price list only, never discount, and offer a test drive when the customer is ready.");

    private static readonly Car[] Cars =
    [
        new("Aurora Estate 2.0 Hybrid", "estate", 34_900, "520 l boot, 4.6 l/100 km"),
        new("Meridian City Electric", "small car", 26_450, "310 km range, 11 kW charging"),
        new("Fjord 4x4 Diesel", "off-roader", 47_200, "2.5 t towing capacity"),
        new("Solano Seven", "family car", 38_700, "seven seats, sliding doors"),
    ];

    private static readonly (string Asked, string Answered)[] SmallTalk =
    [
        ("How long is the warranty?", "Three years without a mileage limit, and eight years on the battery where there is one."),
        ("Can I have it in dark green?", "Dark green is in the programme for 690 USD; from stock we have white, grey and blue."),
        ("What would my old car bring? It is from 2016, 128,000 km.", "For a figure our buyer has to see it. That takes half an hour and can be done at the test drive."),
        ("What does financing over 48 months cost?", "With 20 % down it is about 2.3 % of the price a month at 5.9 % a year. The exact offer comes from our bank desk."),
        ("Is there a tow bar for it?", "Yes, a detachable one, 1,150 USD fitted, ordered with the car or later."),
        ("How loud is it on the motorway?", "At 130 km/h our workshop measured 67 dB. Best judged in a test drive."),
        ("Do you deliver to the coast?", "Within 150 km for 190 USD, with the hand-over at your door."),
        ("Which winter tyres fit?", "17 inch, 215/55. A set on steel rims costs 820 USD fitted."),
        ("Is there a service plan?", "Yes: four services in four years for 39 USD a month, wear parts included."),
        ("Could I get five percent off?", "I can't change prices here. Our sales desk can tell you what is possible."),
        ("Does it fit three child seats in the back?", "Two on ISOFIX, a third with the belt in the middle if it is a narrow one."),
        ("What about insurance?", "It is in group 18. Our desk can give you a quotation with your no-claims years."),
        ("How long would I wait for a new order?", "Fourteen to sixteen weeks at the moment; cars from stock within ten days."),
        ("Does the app work without a subscription?", "Locking, charging and position are free for ten years; live traffic is paid after two."),
        ("My wife asks about the spare wheel.", "There is a repair kit as standard; the emergency wheel is 240 USD."),
        ("Can I charge it at a normal socket?", "Yes, with the cable in the boot, at 2.3 kW: a full charge takes a night and a morning."),
        ("What mileage does the leasing include?", "10,000 km a year; each further 5,000 km cost 24 USD a month."),
        ("Are you open on Saturday?", "From 9 to 16, and test drives are possible until 15."),
        ("Is the display car for sale?", "It is, with 900 km on the clock, at a price that our sales desk names."),
        ("Thanks, I have to think about it.", "Of course. I can keep this chat open, and nothing is reserved by it."),
        ("One more thing: does it have a heated steering wheel?", "From the Comfort line on, yes."),
        ("And the consumption in winter?", "Customers report about 20 % more on short trips below freezing."),
    ];

    public override IReadOnlyList<AgentIdentity> Agents => [Self];

    public override int Weight => 3;

    public override JsonObject Policy => Policies.Parse("""
        {
          "autonomy": "bounded",
          "actions": [{"type": "dealership.book_test_drive", "autonomy": "autonomous"}, {"type": "dealership.hold_vehicle", "autonomy": "bounded"}],
          "limits": [{"type": "dealership.hold_vehicle", "max_amount": 300, "currency": "USD", "min_confidence": 0.8}],
          "rules": [
            {"id": "sunday", "name": "No test drives on Sunday", "applies_to": ["dealership.book_test_drive"],
             "when": {"all": [{"field": "arguments.day", "op": "eq", "value": "Sunday"}]},
             "then": "deny", "message": "The showroom is closed on Sunday"}
          ],
          "review": {"timeout_seconds": 1800, "on_timeout": "reject", "approvals": 1}
        }
        """);

    public override Opening Open(Casting casting)
    {
        var car = casting.Next(Cars);
        return new Opening($"visitor-{casting.Random.Next(10_000, 99_999)}", $"Chat about the {car.Name}", new JsonObject { ["car"] = car.Name, ["channel"] = "web" });
    }

    public override async Task<Outcome> PlayAsync(Run run)
    {
        var car = Array.Find(Cars, known => known.Name == (string)run.Opening.Metadata!["car"]!)!;
        var turns = run.Random.Next(FewestTurns, MostTurns + 1);
        await run.TurnAsync(Self, "Hello, is somebody there?", turn => turn.ThinkAsync("Welcome to Lakeside Motors! What may I do for you?", 0.7));
        await run.RestAsync(0.8, 2);
        await run.TurnAsync(Self, $"I am looking for a {car.Kind}.", turn => StockAsync(turn, car));

        var questions = SmallTalk.ToArray();
        run.Random.Shuffle(questions);
        foreach (var (asked, answered) in questions.Take(turns - 4))
        {
            await run.RestAsync(0.8, 2);
            await run.TurnAsync(Self, asked, turn => AnswerAsync(turn, car, asked, answered));
        }

        await run.RestAsync(0.8, 2);
        var booked = false;
        await run.TurnAsync(Self, "I would like to see it.", async turn => booked = await BookAsync(turn, car));
        await run.RestAsync(0.6, 1.5);
        await run.TurnAsync(Self, booked ? "Great, see you then!" : "Then I will call the showroom.", turn =>
            turn.ThinkAsync(booked ? "We look forward to your visit." : "Gladly: 555-0134, until 18:00 today.", 0.6));
        return booked
            ? new Outcome(SessionOutcome.Completed, $"Appointment for the {car.Name}", new Money(45m, "USD"), new ProducedUnits("appointment", 1))
            : new Outcome(SessionOutcome.Completed, $"Questions about the {car.Name} answered");
    }

    private static async Task StockAsync(Turn turn, Car car)
    {
        if (turn.Run.Chance(0.08))
        {
            await turn.FailingToolAsync("lookup_stock", new JsonObject { ["kind"] = car.Kind }, "timeout", "The stock list did not answer within 2 s", 2);
        }

        await turn.ToolAsync(
            "lookup_stock",
            new JsonObject { ["kind"] = car.Kind },
            new JsonArray(new JsonObject { ["name"] = car.Name, ["price"] = car.Price, ["in_stock"] = turn.Run.Random.Next(1, 5) }));
        await turn.ThinkAsync($"Then the {car.Name} suits you: {car.Strong}, from {car.Price} USD. It stands in our showroom.", 1.1);
    }

    private static async Task AnswerAsync(Turn turn, Car car, string asked, string answered)
    {
        if (asked.Contains("tyres", StringComparison.Ordinal) || asked.Contains("tow bar", StringComparison.Ordinal))
        {
            await turn.ToolAsync("lookup_accessory", new JsonObject { ["car"] = car.Name, ["asked"] = asked }, new JsonObject { ["found"] = answered }, 0.4);
        }

        if (turn.Run.Chance(0.02))
        {
            await turn.OverloadedAsync();
        }

        await turn.ThinkAsync(answered, 0.9);
    }

    private static async Task<bool> BookAsync(Turn turn, Car car)
    {
        var run = turn.Run;
        var hold = !run.Casting.EasyOnly && !run.Casting.First && run.Chance(0.3);
        var day = run.Pick(["Monday", "Tuesday", "Thursday", "Friday", "Saturday", "Sunday"]);
        var decision = hold
            ? await turn.ActAsync(Hold(car, run), arguments => new JsonObject { ["held_until"] = "in 72 hours", ["deposit"] = arguments["deposit"]?.DeepClone() })
            : await turn.ActAsync(TestDrive(car, day), _ => new JsonObject { ["booking"] = $"TD-{run.Random.Next(1000, 9999)}" });
        await turn.ThinkAsync(
            (decision.Proceed, hold) switch
            {
                (true, true) => $"The {car.Name} is held for you for 72 hours.",
                (true, false) => $"Your test drive in the {car.Name} is booked for {day} at 14:00.",
                _ => $"I can't book that myself: {(decision.Reasons.Count > 0 ? decision.Reasons[0].Text : "the showroom decides")}.",
            },
            0.9);
        return decision.Proceed;
    }

    private static AgentAction TestDrive(Car car, string day) => new()
    {
        Type = "dealership.book_test_drive",
        Tool = "book_test_drive",
        Summary = $"Book a test drive in the {car.Name} on {day} at 14:00",
        Confidence = 0.95,
        Reasoning = "The customer asked to see the car and named no other time.",
        Arguments = new JsonObject { ["car"] = car.Name, ["day"] = day, ["time"] = "14:00" },
        Risk = ActionRisk.External,
    };

    private static AgentAction Hold(Car car, Run run)
    {
        var deposit = run.Pick<int>([200, 300, 500, 1000]);
        return new AgentAction
        {
            Type = "dealership.hold_vehicle",
            Tool = "hold_vehicle",
            Summary = $"Hold the {car.Name} for 72 hours against a deposit of {deposit}.00 USD",
            Amount = deposit,
            Currency = "USD",
            Category = car.Kind,
            Confidence = 0.87,
            Reasoning = "The customer wants to be sure that the car is still there on the weekend.",
            Arguments = new JsonObject { ["car"] = car.Name, ["deposit"] = deposit, ["hours"] = 72 },
            Risk = ActionRisk.External,
            Checks = [new("car_in_stock", true, "1 in the showroom"), new("customer_identified", deposit < 1000, deposit < 1000 ? "Phone number confirmed" : "Only a first name is known")],
        };
    }

    private sealed record Car(string Name, string Kind, int Price, string Strong);
}
