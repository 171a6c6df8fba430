using System.Collections.Concurrent;

namespace Handrail.Telemetry;

/// <summary>
/// Prices by provider and model. A model is found by its name as it is, then by the name without vendor, region and date
/// (<c>gpt-5.4-2026-08-01</c> is <c>gpt-5.4</c>); never by likeness: a model that is not listed has no price, and its cost
/// is unknown.
/// </summary>
public sealed class PriceTable
{
    /// <summary>Names come from outside; only so many answers are kept.</summary>
    private const int MaxRemembered = 4096;

    private static readonly Lazy<PriceTable> TheBuiltIn = new(() => PriceFile.Read(PriceFile.BuiltIn()));

    private readonly Dictionary<string, Seller> _sellers = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Seller> _inOrder = [];
    private readonly ConcurrentDictionary<(string? Provider, string Model), ModelPrice[]> _remembered = new();

    internal PriceTable(string source, DateOnly date, IEnumerable<Seller> sellers)
    {
        Source = source;
        Date = date;
        foreach (Seller seller in sellers)
        {
            _inOrder.Add(seller);
            foreach (string name in seller.Names)
                _sellers.Add(name, seller);
        }
    }

    /// <summary>The prices that come with the program.</summary>
    public static PriceTable BuiltIn => TheBuiltIn.Value;

    /// <summary>Where the figures are from.</summary>
    public string Source { get; }

    /// <summary>When they held.</summary>
    public DateOnly Date { get; }

    /// <summary>Every price of the table, in its order.</summary>
    public IEnumerable<ModelPrice> Prices => _inOrder.SelectMany(seller => seller.Prices);

    /// <summary>Reads a table from JSON in the format of <c>Prices/prices.json</c>.</summary>
    /// <exception cref="FormatException">It is no such table.</exception>
    public static PriceTable Parse(ReadOnlyMemory<byte> json) => PriceFile.Read(json);

    /// <summary>
    /// The price of a call: of the model that answered, or else of the one that was asked for. Null when neither is listed.
    /// </summary>
    public ModelPrice? Find(string? provider, string? responseModel, string? requestModel, DateTimeOffset at) =>
        Find(provider, responseModel, at) ?? Find(provider, requestModel, at);

    /// <summary>What a step cost, by its sender and by this table.</summary>
    public StepCost CostOf(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        decimal? computed = step.Usage.Input is null
            ? null
            : Find(step.Provider, step.ResponseModel, step.RequestModel, step.StartedAt)?.CostOf(step.Usage);
        return new StepCost(step.ReportedCostUsd, computed);
    }

    private ModelPrice? Find(string? provider, string? model, DateTimeOffset at)
    {
        if (string.IsNullOrWhiteSpace(model))
            return null;
        if (!_remembered.TryGetValue((provider, model), out ModelPrice[]? prices))
        {
            prices = Search(provider, model);
            if (_remembered.Count < MaxRemembered)
                _remembered.TryAdd((provider, model), prices);
        }

        // The newest price stands last.
        return Array.FindLast(prices, price => price.HoldsAt(at));
    }

    /// <summary>
    /// The provider's own list, then those it resells, then the makers'. Of a provider that is not named any list will do.
    /// Who runs models on own machines pays nobody by the token.
    /// </summary>
    private ModelPrice[] Search(string? provider, string model)
    {
        IEnumerable<Seller> sellers = _inOrder;
        if (!string.IsNullOrWhiteSpace(provider))
        {
            if (Seller.SelfHosted.Contains(provider))
                return [];
            Seller? own = _sellers.GetValueOrDefault(provider);
            IEnumerable<Seller> resold = own is null ? [] : own.Fallbacks.Select(name => _sellers.GetValueOrDefault(name)).OfType<Seller>();
            sellers = [.. own is null ? [] : (Seller[])[own], .. resold, .. _inOrder.Where(seller => seller.IsMaker)];
        }

        string[] forms = [.. ModelName.Forms(model).Distinct()];
        foreach (Seller seller in sellers)
        {
            if (seller.Find(forms) is { } prices)
                return prices;
        }

        return [];
    }
}
