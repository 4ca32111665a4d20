using System.Globalization;
using System.Net;

namespace AiOs.Inference;

/// <summary>Settings of the server, from the command line (<c>--port 8000</c>) or the environment (<c>AIOS_INFERENCE_PORT</c>).</summary>
sealed record InferenceOptions
{
    /// <summary>Where it listens; loopback unless told otherwise.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>The folder of models.</summary>
    public string Repository { get; init; } = Path.Combine(AppContext.BaseDirectory, "repository");

    /// <summary>auto, cpu or cuda.</summary>
    public string Provider { get; init; } = "auto";

    /// <summary>The bearer key that callers need; none where it is not given.</summary>
    public string? Key { get; init; }

    /// <summary>Largest body of a request in bytes.</summary>
    public int MaxBody { get; init; } = 16 << 20;

    /// <summary>How often the repository is looked through for what changed, in seconds; 0 is never, only when asked to load.</summary>
    public double Poll { get; init; }

    /// <exception cref="FormatException">A setting is not known or not valid.</exception>
    public static InferenceOptions From(IConfiguration configuration)
    {
        var options = new InferenceOptions();
        return options with
        {
            Listen = Read("listen", options.Listen, IPAddress.TryParse, "an IP address such as 127.0.0.1 or 0.0.0.0"),
            Port = Read("port", options.Port, (string? text, out int port) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535, "a port from 0 to 65535"),
            Repository = Path.GetFullPath(configuration["repository"] is { Length: > 0 } folder ? folder : options.Repository),
            Provider = Read("provider", options.Provider, (string? text, out string? word) => (word = text) is "auto" or "cpu" or "cuda", "auto, cpu or cuda"),
            Key = configuration["key"] is { Length: > 0 } key ? key : null,
            MaxBody = Read("max-body", options.MaxBody, (string? text, out int bytes) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) && bytes is >= 1024 and <= 1 << 30, "a number of bytes from 1024 to 1073741824"),
            Poll = Read("poll", options.Poll, (string? text, out double seconds) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) && seconds is 0 or >= 1 and <= 86400, "0, or seconds from 1 to 86400"),
        };

        T Read<T>(string name, T otherwise, TryParse<T> parse, string kind) =>
            configuration[name] is not { Length: > 0 } text ? otherwise : parse(text, out var value) ? value! : throw new FormatException($"--{name} has to be {kind}.");
    }

    delegate bool TryParse<T>(string? text, out T? value);
}
