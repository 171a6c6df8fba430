namespace Handrail.Policy;

/// <summary>
/// One document in force, made ready for deciding: texts are normalised and limits sorted once, here. Keep it for as long as the version rules;
/// it is immutable and safe to share between threads.
/// </summary>
public sealed class PolicyLayer
{
    /// <summary>The scope of the whole fleet's layer.</summary>
    public const string Fleet = "fleet";

    /// <summary>The scope of one agent's layer.</summary>
    public const string Agent = "agent";

    /// <summary>Makes a document ready.</summary>
    /// <param name="scope"><see cref="Fleet"/> or <see cref="Agent"/>.</param>
    /// <param name="version">The published version.</param>
    /// <param name="document">A document that <see cref="PolicyDocument.Parse(string)"/> has accepted.</param>
    public PolicyLayer(string scope, int version, PolicyDocument document)
    {
        Scope = scope;
        Version = version;
        Document = document;
        Policy = new(scope, document);
    }

    /// <summary>Whose document it is.</summary>
    public string Scope { get; }

    /// <summary>Its published version.</summary>
    public int Version { get; }

    internal CompiledPolicy Policy { get; }

    /// <summary>What it says.</summary>
    public PolicyDocument Document { get; }
}
