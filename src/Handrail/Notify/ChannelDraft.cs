using System.Net.Mail;
using Handrail.Access;
using Handrail.Store;

namespace Handrail.Notify;

/// <summary>A channel as an administrator wants it.</summary>
public sealed record ChannelDraft
{
    public const int LongestName = 80;
    private const int LongestUrl = 2_000;
    private const int MostAddresses = 50;

    public required string Name { get; init; }

    public required ChannelKind Kind { get; init; }

    public bool Enabled { get; init; } = true;

    public ChannelDetail Detail { get; init; } = ChannelDetail.Fields;

    /// <summary>A webhook's address; PagerDuty's where it is not the usual one.</summary>
    public string? Url { get; init; }

    /// <summary>The signing secret, Slack's whole address, the mail password, PagerDuty's routing key; null to keep what is there.</summary>
    public string? Secret { get; init; }

    /// <summary>The mail server.</summary>
    public string? Host { get; init; }

    public int? Port { get; init; }

    public MailSecurity? Security { get; init; }

    public string? UserName { get; init; }

    public string? From { get; init; }

    public IReadOnlyList<string> To { get; init; } = [];

    public IReadOnlyList<string> ToRoles { get; init; } = [];

    /// <param name="known">The channel that is changed; null for a new one.</param>
    /// <exception cref="Refusal">Names every member that is wrong.</exception>
    public void Check(Channel? known)
    {
        var wrong = new Dictionary<string, List<string>>();
        void Wrong(string member, string message) => (wrong.TryGetValue(member, out var list) ? list : wrong[member] = []).Add(message);

        if (string.IsNullOrWhiteSpace(Name) || Name.Length > LongestName || Name.Any(char.IsControl))
        {
            Wrong("name", $"must have 1 to {LongestName} characters.");
        }

        var before = known is null ? null : JsonText.Read<ChannelAddress>(known.AddressJson);
        var hasSecret = Secret is not null || known?.Secret is not null;
        switch (Kind)
        {
            case ChannelKind.Webhook:
                CheckUrl("url", Url, Wrong);
                if (Secret is not null && ChannelSecrets.SigningKey(Secret) is null)
                {
                    Wrong("secret", "must be whsec_ and from 24 to 64 bytes in base64, or left out for one to be made.");
                }

                break;
            case ChannelKind.Slack:
                if (Secret is not null || !hasSecret)
                {
                    CheckUrl("secret", Secret, Wrong);
                }

                break;
            case ChannelKind.PagerDuty:
                if (Url is not null)
                {
                    CheckUrl("url", Url, Wrong);
                }

                if (!hasSecret || Secret is { } key && (key.Length is < 8 or > 100 || key.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))))
                {
                    Wrong("secret", "must be the routing key of the integration.");
                }
                else if (Secret is null && before is not null && before.Url != Url)
                {
                    Wrong("secret", "must be entered again for another address: the one that is kept was given for the old one.");
                }

                break;
            default:
                CheckMail(before, hasSecret, Wrong);
                break;
        }

        if (wrong.Count > 0)
        {
            throw new Refusal(RefusalKind.Invalid, string.Join(" ", wrong.Select(w => $"{w.Key}: {w.Value[0]}"))) { Errors = wrong.ToDictionary(w => w.Key, w => w.Value.ToArray()) };
        }
    }

    /// <summary>What of it is not secret.</summary>
    internal ChannelAddress Address() => Kind switch
    {
        ChannelKind.Webhook or ChannelKind.PagerDuty => new ChannelAddress { Url = Url },
        ChannelKind.Slack => new ChannelAddress { Host = Secret is null ? Host : new Uri(Secret).Host },
        _ => new ChannelAddress { Host = Host, Port = Port ?? 587, Security = Security ?? MailSecurity.StartTls, UserName = UserName, From = From, To = To, ToRoles = ToRoles },
    };

    private void CheckMail(ChannelAddress? before, bool hasSecret, Action<string, string> wrong)
    {
        if (string.IsNullOrWhiteSpace(Host) || Uri.CheckHostName(Host) == UriHostNameType.Unknown)
        {
            wrong("host", "must be the mail server's name or address.");
        }

        if (Port is < 1 or > 65_535)
        {
            wrong("port", "must be from 1 to 65535.");
        }

        if (From is null || !IsAddress(From))
        {
            wrong("from", "must be an e-mail address.");
        }

        if (To.Count == 0 && ToRoles.Count == 0)
        {
            wrong("to", "must name an address, or to_roles a role.");
        }

        if (To.Count > MostAddresses || To.Any(a => !IsAddress(a)))
        {
            wrong("to", $"must be at most {MostAddresses} e-mail addresses.");
        }

        if (ToRoles.FirstOrDefault(r => !Permissions.Roles.Contains(r)) is { } role)
        {
            wrong("to_roles", $"knows {string.Join(", ", Permissions.Roles)}, not '{role}'.");
        }

        if (UserName is not null && !hasSecret)
        {
            wrong("secret", "is required with user_name.");
        }
        else if (UserName is not null && Secret is null && before is not null && (before.Host != Host || before.Port != (Port ?? 587) || before.UserName != UserName))
        {
            wrong("secret", "must be entered again for another server or name: the one that is kept was given for the old one.");
        }

        if (UserName is not null && Security == MailSecurity.None)
        {
            wrong("security", "must be start_tls or tls where a password is sent.");
        }
    }

    private static void CheckUrl(string member, string? url, Action<string, string> wrong)
    {
        if (url is null || url.Length > LongestUrl || !Uri.TryCreate(url, UriKind.Absolute, out var address) || !(address.Scheme is "https" or "http") || address.Host.Length == 0)
        {
            wrong(member, "must be an address that begins with https://.");
        }
        else if (address.UserInfo.Length > 0 || address.Fragment.Length > 0)
        {
            wrong(member, "must carry no user name, password or fragment.");
        }
    }

    private static bool IsAddress(string text) => text.Length <= 200 && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) && MailAddress.TryCreate(text, out var address) && address.Address == text;
}
