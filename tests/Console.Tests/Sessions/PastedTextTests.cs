using System.Diagnostics;
using System.Text.Json;
using CsCheck;
using Handrail.Testing;

namespace Handrail.Sessions;

/// <summary>What an agent calls itself must not become a command on the machine of who connects it.</summary>
public sealed class PastedTextTests
{
    private static readonly string[] Pieces =
    [
        "a", " ", "'", "\"", "\\", "$", "`", "\n", "\nEND\nid\n", "$(id)", "`id`", "${HOME}", "'; id; '", "\"; id; \"", "{0}", "#", "!!", "~", "\t", "\u2028", "\u202e", "größe", "🙂",
    ];

    private static readonly string[] Names = [.. from first in Pieces from second in Pieces select first + second];

    [Fact]
    public void In_code_a_text_is_one_string_and_the_same() =>
        Gen.OneOf(Gen.String[Gen.Char['\0', '\u2fff'], 0, 20], Gen.OneOfConst(Names)).Sample(text => JsonSerializer.Deserialize<string>(PastedText.InCode(text)) == text && !PastedText.InCode(text).Any(char.IsControl));

    [Fact]
    public async Task A_shell_takes_a_name_for_nothing_but_a_word()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "No POSIX shell here.");
        var words = await ShellAsync(string.Concat(Names.Select(n => $"printf '%s\\0' {PastedText.InShell(n)}\n")));

        Assert.Equal(Names, words.Split('\0')[..^1]);
    }

    [Fact]
    public async Task A_here_document_holds_the_name_and_runs_nothing()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "No POSIX shell here.");
        var lines = await ShellAsync($"cat <<END\n{string.Concat(Names.Select(n => PastedText.InHereDocument(PastedText.InCode(n)) + "\n"))}END\n");

        Assert.Equal(Names, lines.Split('\n')[..^1].Select(line => JsonSerializer.Deserialize<string>(line)));
    }

    private static async Task<string> ShellAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEndAsync();
        await shell.StandardInput.WriteAsync(script);
        shell.StandardInput.Close();
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await shell.WaitForExitAsync(patience.Token);
        return await output;
    }
}
