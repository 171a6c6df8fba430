namespace Handrail.Telemetry;

/// <summary>One provider's list of prices.</summary>
/// <param name="names">Its id and other names it goes by.</param>
/// <param name="isMaker">It makes the models that it lists; their names mean the same everywhere.</param>
/// <param name="fallbacks">Providers whose models it sells at their price.</param>
internal sealed class Seller(IReadOnlyList<string> names, bool isMaker, IReadOnlyList<string> fallbacks)
{
    /// <summary>Programs that run a model on one's own machine.</summary>
    public static readonly HashSet<string> SelfHosted = new(StringComparer.OrdinalIgnoreCase)
    {
        "ollama", "vllm", "llama.cpp", "llamacpp", "lmstudio", "lm_studio", "localai", "tgi",
    };

    private readonly Dictionary<string, ModelPrice[]> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ambiguous = [];
    private readonly List<ModelPrice> _prices = [];

    public IReadOnlyList<string> Names => names;

    public bool IsMaker => isMaker;

    public IReadOnlyList<string> Fallbacks => fallbacks;

    public IReadOnlyList<ModelPrice> Prices => _prices;

    public void Add(IReadOnlyList<string> modelNames, ModelPrice[] prices)
    {
        _prices.AddRange(prices);
        foreach (string name in modelNames)
            _byName[name] = prices;
    }

    /// <summary>
    /// Lets shortened names stand for the listed ones as well, once all are listed: not where a model is listed under the
    /// short name itself, nor where it could be two.
    /// </summary>
    public void AddShortNames()
    {
        KeyValuePair<string, ModelPrice[]>[] listed = [.. _byName];
        HashSet<string> names = [.. _byName.Keys];
        foreach ((string name, ModelPrice[] prices) in listed)
        {
            foreach (string form in ModelName.Forms(name))
            {
                if (!names.Contains(form) && !_byName.TryAdd(form, prices) && _byName[form] != prices)
                    _ambiguous.Add(form);
            }
        }
    }

    /// <summary>The prices under the first of these names that is listed.</summary>
    public ModelPrice[]? Find(string[] forms)
    {
        foreach (string form in forms)
        {
            if (_byName.TryGetValue(form, out ModelPrice[]? prices) && !_ambiguous.Contains(form))
                return prices;
        }

        return null;
    }
}
