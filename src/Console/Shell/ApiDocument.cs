using System.Text.Json.Nodes;
using Handrail.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Handrail.Shell;

/// <summary>The API described for machines at <c>/openapi/v1.json</c> and for people at <c>/docs/api</c>.</summary>
public static class ApiDocument
{
    private const string Scheme = "key";
    private const string Viewer = "/docs/viewer";

    private const string Page = $"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Handrail API</title>
          <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
        </head>
        <body>
          <div id="app"></div>
          <script src="{Viewer}/scalar.js"></script>
          <script src="/api.js" defer></script>
        </body>
        </html>
        """;

    public static void AddApiDocument(this WebApplicationBuilder builder) => builder.Services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Handrail",
                Version = "v1",
                Description = "Ask the gate, report, read back; and what people decide. JSON is snake_case, times are RFC 3339 UTC, errors are application/problem+json with the members named.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An agent key (hra_…) or a personal token (hru_…)." },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
    });

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapGet("/docs/api", () => Results.Content(Page, "text/html; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();

        // For its script alone: the page that comes with it starts by inline script, which our policy forbids.
        app.MapScalarApiReference(Viewer).AllowAnonymous();
    }

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var door = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        operation.Description = door switch
        {
            Doors.Agents => "For agent keys.",
            Doors.People => "For people, by personal token.",
            _ => "For agent keys and for people.",
        };
        var path = $"{context.Description.HttpMethod} /{context.Description.RelativePath}";
        if (ApiExamples.Of(path) is { } example)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object }, Example = JsonNode.Parse(example) },
                },
            };
        }

        return Task.CompletedTask;
    }
}
