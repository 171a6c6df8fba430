using System.Text;
using System.Text.Json;

namespace Handrail.Ingest.Poison;

/// <summary>Mutates a JSON text member by member; what comes out need not be JSON.</summary>
internal static class JsonMutations
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 2_000, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowMultipleValues = true };

    private static readonly byte[][] Nasty = [.. new[]
    {
        "null", "true", "[]", "{}", "\"\"", "0", "-0", "-1", "-5", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e400", "-1e400", "1e-400", "1E+2147483647", "1e99999999999999999999",
        "0.1e-2147483648", "123456789012345678901234567890123456789012345678901234567890", "NaN", "Infinity", "-Infinity", "\"NaN\"", "\"Infinity\"", "\"-1\"", "\"9223372036854775808\"", "\"1e400\"",
        "\"\\ud800\"", "\"a\\udc00b\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\u001b[31m\\u202e\"", "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:15:00-00:30\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"9999-12-31T23:59:59-14:00\"",
        "\"0000-00-00T00:00:00Z\"", "\"00000000000000000000000000000000\"", "\"zz\"", "\"USD\"", "\"gen_ai.conversation.id\"", "\"gen_ai.agent.name\"", "\"gen_ai.usage.input_tokens\"", "\"model\"", "{\"stringValue\":\"x\",\"intValue\":\"7\"}",
        "{\"intValue\":\"-9\"}", "{\"doubleValue\":\"NaN\"}", "{\"doubleValue\":1e308}", "{\"bytesValue\":\"****\"}", "{\"arrayValue\":{\"values\":[{},null,{\"kvlistValue\":{}}]}}", "{\"\\ud800\":1}", "\"" + new string('x', 10_000) + "\"", "\"" + new string('é', 250) + "\"",
    }.Select(Encoding.UTF8.GetBytes), [(byte)'"', 0xFF, 0xC3, (byte)'"'], [(byte)'"', 0, (byte)'"'], [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']];

    public static byte[] Mutate(byte[] json, Random random)
    {
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var values = Values(json);
            json = values.Count == 0 ? ByteMutations.Mutate(json, random) : Once(json, values[random.Next(values.Count)], random);
        }

        return json;
    }

    private static byte[] Once(byte[] json, Place place, Random random)
    {
        var value = json[place.Start..place.End];
        var nasty = Nasty[random.Next(Nasty.Length)];
        switch (random.Next(8))
        {
            case 0:
                // Once more, beside itself: a member twice, or an entry.
                var whole = json[place.NameStart..place.End];
                return [.. json[..place.NameStart], .. whole, (byte)',', .. json[place.NameStart..]];
            case 1:
                var depth = random.Next(20) == 0 ? random.Next(100, 3_000) : random.Next(1, 70);
                return [.. json[..place.Start], .. Enumerable.Repeat((byte)'[', depth), .. value, .. Enumerable.Repeat((byte)']', depth), .. json[place.End..]];
            case 2 when place.NameStart < place.Start:
                return [.. json[..place.NameStart], .. (random.Next(2) == 0 ? "\"\\ud800\":"u8 : "\"id\":"u8), .. json[place.Start..]];
            case 3:
                // Without it; now and then with the comma that then is one too many.
                var to = place.End < json.Length && json[place.End] == ',' && random.Next(4) > 0 ? place.End + 1 : place.End;
                return [.. json[..place.NameStart], .. json[to..]];
            case 4:
                // A member of the same name before it, with another value.
                return [.. json[..place.NameStart], .. json[place.NameStart..place.Start], .. nasty, (byte)',', .. json[place.NameStart..]];
            default:
                return [.. json[..place.Start], .. nasty, .. json[place.End..]];
        }
    }

    /// <summary>Where its values stand, with their names; as far as it can be read.</summary>
    private static List<Place> Values(byte[] json)
    {
        var places = new List<Place>();
        var open = new Stack<(int Name, int Start)>();
        var reader = new Utf8JsonReader(json, Options);
        var name = -1;
        try
        {
            while (reader.Read())
            {
                var at = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = at;
                        continue;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        open.Push((name < 0 ? at : name, at));
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        var (from, start) = open.Pop();
                        places.Add(new Place(from, start, (int)reader.BytesConsumed));
                        break;
                    default:
                        places.Add(new Place(name < 0 ? at : name, at, (int)reader.BytesConsumed));
                        break;
                }

                name = -1;
            }
        }
        catch (JsonException)
        {
            // A mutation before has broken it here.
        }

        return places;
    }

    private readonly record struct Place(int NameStart, int Start, int End);
}
