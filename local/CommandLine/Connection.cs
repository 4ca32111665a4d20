namespace AiOs.Local.CommandLine;

/// <summary>How a command reaches the OS: the server at AIOS_URL; where none answers, and the command allows it, one of its own for its lifetime.</summary>
sealed class Connection : IAsyncDisposable
{
    readonly LocalServer? own;

    Connection(ApiClient api, LocalServer? own) => (Api, this.own) = (api, own);

    /// <summary>The API to talk to.</summary>
    public ApiClient Api { get; }

    /// <summary>The default address.</summary>
    public static readonly Uri DefaultUrl = new("http://127.0.0.1:7071/");

    /// <summary>Connects to a server that runs.</summary>
    public static Connection ToServer(string? data) => new(new ApiClient(Url(data), Key(data)), null);

    /// <summary>Connects to the server that runs; without one (and without AIOS_URL) starts one on a free port.</summary>
    public static async Task<Connection> ToServerOrOwnAsync(string? data, Shell shell, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("AIOS_URL") is not null) return ToServer(data);
        if (File.Exists(LocalServer.UrlFile(Root.Data(data))) && await ApiClient.AnswersAsync(Url(data), cancellationToken)) return ToServer(data);
        shell.Note("No server answers; starting one for this command.");
        var server = await LocalServer.StartAsync(new(Root.Data(data), Port: 0, Verbose: false), cancellationToken);
        var api = new ApiClient(server.Url, Key(data));
        await SampleApps.InstallAsync(api, shell, cancellationToken);
        return new(api, server);
    }

    /// <summary>AIOS_URL; else where the server of the data directory said that it listens; else the default.</summary>
    static Uri Url(string? data)
    {
        if (Environment.GetEnvironmentVariable("AIOS_URL") is { Length: > 0 } url)
            return Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var parsed) ? parsed : throw new CommandException($"AIOS_URL is no URL: {url}", ExitCode.Usage);
        var file = LocalServer.UrlFile(Root.Data(data));
        return File.Exists(file) && Uri.TryCreate(File.ReadAllText(file).Trim(), UriKind.Absolute, out var own) ? own : DefaultUrl;
    }

    static string KeyFile(string? data) => Path.Combine(Root.Data(data), "owner.key");

    static string Key(string? data)
    {
        if (Environment.GetEnvironmentVariable("AIOS_KEY") is { Length: > 0 } key) return key;
        if (!Url(data).IsLoopback) throw new CommandException($"Set AIOS_KEY: the owner's key of this machine is not sent to {Url(data).Host}.", ExitCode.Usage);
        var file = KeyFile(data);
        return File.Exists(file) ? File.ReadAllText(file).Trim() : throw new CommandException($"There is no key: set AIOS_KEY, or start the OS here first ({file} does not exist).", ExitCode.Unreachable);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (own is not null) await own.DisposeAsync();
    }
}
