using Handrail.Access;

namespace Handrail.Policies;

/// <summary>The previews of one person's drafts, one for each layer.</summary>
public sealed class DraftPreviews(PreviewQueries queries, TimeProvider time, ILogger<DraftPreviews> log) : IDisposable
{
    private readonly Dictionary<string, DraftPreview> _previews = new(StringComparer.Ordinal);

    /// <summary>Called, from any thread, when there is something new to show.</summary>
    public Action Told { get; set; } = () => { };

    /// <summary>The preview of a layer's draft; null while there is none.</summary>
    public DraftPreview? Of(string scope) => _previews.GetValueOrDefault(scope);

    /// <summary>Goes on with what a draft now says.</summary>
    public Task FollowAsync(Caller caller, LayerDraft draft)
    {
        var scope = draft.Start.Scope;
        if (!_previews.TryGetValue(scope, out var preview))
        {
            if (draft.Empty)
            {
                return Task.CompletedTask;
            }

            _previews[scope] = preview = new DraftPreview(queries, time, log, () => Told());
        }

        return preview.FollowAsync(caller, draft);
    }

    /// <summary>Gives a draft's preview up.</summary>
    public void Forget(string scope)
    {
        if (_previews.Remove(scope, out var preview))
        {
            preview.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var preview in _previews.Values)
        {
            preview.Dispose();
        }

        _previews.Clear();
    }
}
