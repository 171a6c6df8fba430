using System.Text.Json;

namespace Handrail.Policy;

/// <summary>
/// What one decision is about: the action in comparable form, its session's facts, the moment, and what all layers together know of its tool and of the tools used before.
/// It lives on the stack, and so do its texts where they are short.
/// </summary>
internal ref struct Subject
{
    /// <summary>How much room the texts of an action usually take.</summary>
    public const int UsualRoom = 512;

    /// <summary>Where the comparable forms are written.</summary>
    public Scratch Scratch;

    private readonly IReadOnlyList<PolicyLayer> _layers;
    private string? _argumentName;
    private JsonElement _argumentJson;
    private Member _argument;
    private Seldom _user, _agent, _agentVersion, _reasoning;

    public Subject(IReadOnlyList<PolicyLayer> layers, ActionRequest action, SessionFacts facts, DateTimeOffset now, Span<char> room)
    {
        _layers = layers;
        Scratch = new(room);
        Action = action;
        Facts = facts;
        Now = now;
        Type = Scratch.Comparable(action.Type);
        Tool = Scratch.Comparable(action.Tool);
        Vendor = Scratch.Comparable(action.Vendor);
        Category = Scratch.Comparable(action.Category);
        Currency = Scratch.Comparable(action.Currency);
        Risk = RiskAs(alone: null);
    }

    public ActionRequest Action { get; }

    public SessionFacts Facts { get; }

    public DateTimeOffset Now { get; }

    public ReadOnlySpan<char> Type { get; }

    public ReadOnlySpan<char> Tool { get; }

    public ReadOnlySpan<char> Vendor { get; }

    public ReadOnlySpan<char> Category { get; }

    public ReadOnlySpan<char> Currency { get; }

    /// <summary>By the entries of all layers.</summary>
    public Risk Risk { get; }

    /// <summary>The comparable form of a text that few policies ask for, made when the first one does.</summary>
    public ReadOnlySpan<char> Comparable(FieldId field, string? text)
    {
        ref var seldom = ref _reasoning;
        if (field == FieldId.User) seldom = ref _user;
        else if (field == FieldId.Agent) seldom = ref _agent;
        else if (field == FieldId.AgentVersion) seldom = ref _agentVersion;
        if (!seldom.IsRead) seldom = new(Scratch.Comparable(text));
        return seldom.Text;
    }

    /// <summary>What an argument holds. Rules that ask for the same one mostly follow one another, and finding and reading it means parsing JSON.</summary>
    public Member Argument(Field field)
    {
        if (_argumentName != field.Name)
        {
            (_argumentName, _argumentJson) = (field.Name, field.Argument(Action.Arguments));
            _argument = Member.Of(_argumentJson, Scratch);
            return _argument;
        }

        // A text was written into room that others have used since.
        return _argument.Kind == MemberKind.Text ? Member.Of(_argumentJson, Scratch) : _argument;
    }

    /// <summary>The greatest of what the agent and the tool's entries say, of all layers or of one alone; irreversible where nobody says anything.</summary>
    public readonly Risk RiskAs(PolicyLayer? alone)
    {
        var risk = Action.Risk;
        if (Action.Tool is not null)
        {
            for (var i = 0; i < _layers.Count; i++)
            {
                if ((alone is null || alone == _layers[i]) && _layers[i].Policy.Tools.TryGetValue(Tool, out var entry) && entry.Risk is { } stated && !(stated <= risk)) risk = stated;
            }
        }

        return risk ?? Risk.Irreversible;
    }

    /// <summary>Whether the action's own tool has a label, by the entries of all layers.</summary>
    public readonly bool ToolHas(string label) => Action.Tool is not null && Has(Tool, label, alone: null);

    /// <summary>Whether the session used a tool with a label before, or with any label where that is null; by the entries of all layers or of one alone.</summary>
    public bool HasTaint(string? label, PolicyLayer? alone)
    {
        for (var i = 0; i < Facts.ToolsUsed.Count; i++)
        {
            var here = Scratch;
            if (Has(here.Comparable(Facts.ToolsUsed[i]), label, alone)) return true;
        }

        return false;
    }

    private readonly bool Has(ReadOnlySpan<char> tool, string? label, PolicyLayer? alone)
    {
        for (var i = 0; i < _layers.Count; i++)
        {
            if ((alone is null || alone == _layers[i]) && _layers[i].Policy.Tools.TryGetValue(tool, out var entry)
                && (label is null ? entry.Labels.Length > 0 : Array.IndexOf(entry.Labels, label) >= 0)) return true;
        }

        return false;
    }

    private readonly ref struct Seldom(ReadOnlySpan<char> text)
    {
        public readonly bool IsRead = true;
        public readonly ReadOnlySpan<char> Text = text;
    }
}
