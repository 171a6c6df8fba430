using System.Security.Claims;
using Handrail.Host;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Access;

/// <summary>What of a circuit says who is behind it: as the framework opens it.</summary>
internal sealed class OpenCircuit(AsyncServiceScope scope, FreshSignIn provider) : IAsyncDisposable
{
    public static async Task<OpenCircuit> OfAsync(ConsoleHost host, string email, params Claim[] more)
    {
        var scope = host.Factory.Services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<Person>>();
        var principal = await scope.ServiceProvider.GetRequiredService<SignInManager<Person>>().CreateUserPrincipalAsync((await people.FindByEmailAsync(email))!);
        principal.Identities.First().AddClaims(more);
        var provider = (FreshSignIn)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>();
        ((IHostEnvironmentAuthenticationStateProvider)provider).SetAuthenticationState(Task.FromResult(new AuthenticationState(principal)));
        return new OpenCircuit(scope, provider);
    }

    public Task<AuthenticationState> StateAsync() => provider.GetAuthenticationStateAsync();

    public async Task<bool> IsSignedInAsync() => (await StateAsync()).User.Identity is { IsAuthenticated: true };

    public ValueTask DisposeAsync() => scope.DisposeAsync();
}
