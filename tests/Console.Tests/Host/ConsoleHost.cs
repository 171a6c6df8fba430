using System.Net.Http.Headers;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Host;

/// <summary>The real console on a fresh database, called over HTTP as an agent and as people call it.</summary>
public sealed class ConsoleHost : IAsyncDisposable
{
    public const string AgentKey = "hra_test-agent-key-0123456789";
    public const string AdminToken = "hru_test-admin-token-0123456789";
    public const string AdminPassword = "Correct-horse-7-battery";

    private readonly TestDatabase _database;
    private readonly bool _owns;
    private readonly string _folder;
    private readonly bool _onPorts;
    private int _people;

    private ConsoleHost(TestDatabase database, bool owns, string folder, WebApplicationFactory<Program> factory, Uri address, bool onPorts)
    {
        (_database, _owns, _folder, Factory, Address, _onPorts) = (database, owns, folder, factory, address, onPorts);
        Agent = Client(AgentKey);
        Admin = Client(AdminToken);
        Anonymous = Client(null);
    }

    public WebApplicationFactory<Program> Factory { get; }

    /// <summary>Calls as the first agent key: team <c>default</c>, any agent.</summary>
    public HttpClient Agent { get; }

    /// <summary>Calls as the first administrator.</summary>
    public HttpClient Admin { get; }

    public HttpClient Anonymous { get; }

    /// <summary>The console's and the API's address, where it was started on ports.</summary>
    public Uri Address { get; }

    public Uri OtlpHttp { get; private init; } = null!;

    public Uri OtlpGrpc { get; private init; } = null!;

    /// <param name="provider">On a fresh database of it.</param>
    /// <param name="configure">Settings beside those that tests need.</param>
    /// <param name="onPorts">Behind its real doors, on ports of this machine, and not only in memory.</param>
    public static async Task<ConsoleHost> StartAsync(DatabaseProvider provider, Action<IWebHostBuilder>? configure = null, bool onPorts = false) =>
        Start(await TestDatabase.CreateAsync(provider), owns: true, configure, onPorts);

    /// <summary>On a database of the test's own, which outlives the console.</summary>
    /// <inheritdoc cref="StartAsync(DatabaseProvider, Action{IWebHostBuilder}, bool)"/>
    public static Task<ConsoleHost> StartAsync(TestDatabase database, Action<IWebHostBuilder> configure) => Task.FromResult(Start(database, owns: false, configure, onPorts: false));

    /// <summary>Another console on the same database, as in production several are. It is to be disposed of before the first.</summary>
    public ConsoleHost StartAnother() => Start(_database, owns: false, configure: null, onPorts: false);

    private static ConsoleHost Start(TestDatabase database, bool owns, Action<IWebHostBuilder>? configure, bool onPorts)
    {
        var (console, http, grpc) = (Free(), Free(), Free());
        var provider = database.Provider;
        var folder = database.Folder ?? Directory.CreateTempSubdirectory("handrail-test-").FullName;
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseSetting("Database:Provider", provider.ToString());
            host.UseSetting("ConnectionStrings:Handrail", database.ConnectionString);
            host.UseSetting("Data:Directory", folder);
            host.UseSetting("Bootstrap:AdminPassword", AdminPassword);
            host.UseSetting("Bootstrap:AdminToken", AdminToken);
            host.UseSetting("Bootstrap:AgentKey", AgentKey);
            host.UseSetting("Notify:AllowedNetworks", "127.0.0.0/8");
            host.UseSetting("Notify:PublicUrl", "https://handrail.example.com");
            if (onPorts)
            {
                host.UseSetting("Kestrel:Endpoints:Console:Url", console.GetLeftPart(UriPartial.Authority));
                host.UseSetting("Kestrel:Endpoints:OtlpHttp:Url", http.GetLeftPart(UriPartial.Authority));
                host.UseSetting("Kestrel:Endpoints:OtlpGrpc:Url", grpc.GetLeftPart(UriPartial.Authority));
            }

            // As slow as it is to guess at in earnest, one password would take a tenth of all the time that tests take.
            host.ConfigureTestServices(services => services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000));
            configure?.Invoke(host);
        });
        if (onPorts)
        {
            factory.UseKestrel();
        }

        return new ConsoleHost(database, owns, folder, factory, console, onPorts) { OtlpHttp = http, OtlpGrpc = grpc };
    }

    private static Uri Free() => new($"http://127.0.0.1:{FreePort.Find()}/");

    /// <summary>A part of the running console, for what no door shows.</summary>
    public T Services<T>()
        where T : notnull => Factory.Services.GetRequiredService<T>();

    public HttpClient Client(string? secret)
    {
        var client = Factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.Timeout = TimeSpan.FromMinutes(2);
        if (_onPorts)
        {
            client.BaseAddress = Address;
        }

        if (secret is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        return client;
    }

    /// <summary>Calls as a new person with these roles.</summary>
    public async Task<Person> PersonAsync(params string[] roles)
    {
        var email = $"person{Interlocked.Increment(ref _people)}@example.com";
        (await Admin.PostAsync("/api/v1/users", new { email, name = email, roles })).Expect(200, 201);
        var token = await Admin.PostAsync($"/api/v1/users/{email}/tokens", new { name = "test" });
        return new Person(email, Client(token.Expect(200, 201).Text("token")));
    }

    /// <summary>Publishes an agent's own policy, and a fleet policy that leaves it to that.</summary>
    public async Task PolicyAsync(string agent, object policy)
    {
        await FleetPolicyAsync(new { autonomy = "autonomous" });
        (await Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{agent}/policy/own", policy, ifMatch: "*")).Expect(200);
    }

    public async Task FleetPolicyAsync(object policy) =>
        (await Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", policy, ifMatch: "*")).Expect(200);

    public async ValueTask DisposeAsync()
    {
        await Factory.DisposeAsync();
        if (_owns)
        {
            await _database.DisposeAsync();
        }

        if (_database.Folder is null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    public sealed record Person(string Email, HttpClient Client);
}
