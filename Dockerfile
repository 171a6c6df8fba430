FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# The projects and their locked packages first: this layer is made again only when they change.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY src/Policy/Policy.csproj src/Policy/packages.lock.json src/Policy/
COPY src/Telemetry/Telemetry.csproj src/Telemetry/packages.lock.json src/Telemetry/
COPY src/Handrail/Handrail.csproj src/Handrail/packages.lock.json src/Handrail/
COPY src/Client/Client.csproj src/Client/packages.lock.json src/Client/
COPY src/Client.AI/Client.AI.csproj src/Client.AI/packages.lock.json src/Client.AI/
COPY src/Simulator/Simulator.csproj src/Simulator/packages.lock.json src/Simulator/
COPY src/Console/Console.csproj src/Console/packages.lock.json src/Console/
COPY src/Console/Precompile.targets src/Console/
COPY migrations/Sqlite/Sqlite.csproj migrations/Sqlite/packages.lock.json migrations/Sqlite/
COPY migrations/Postgres/Postgres.csproj migrations/Postgres/packages.lock.json migrations/Postgres/
RUN dotnet restore src/Console --locked-mode -p:Precompiled=true

COPY . .
RUN dotnet publish src/Console --no-restore -c Release -p:Precompiled=true -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
RUN mkdir /data && chown "$APP_UID" /data
VOLUME /data
USER $APP_UID

# Inside a container loopback reaches nobody. ASPNETCORE_HTTP_PORTS is the base image's, and says less than what follows.
ENV ASPNETCORE_HTTP_PORTS= \
    Data__Directory=/data \
    Kestrel__Endpoints__Console__Url=http://0.0.0.0:8080 \
    Kestrel__Endpoints__OtlpHttp__Url=http://0.0.0.0:4318 \
    Kestrel__Endpoints__OtlpGrpc__Url=http://0.0.0.0:4317
EXPOSE 8080 4317 4318

HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["dotnet", "Console.dll", "--health", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["dotnet", "Console.dll"]
