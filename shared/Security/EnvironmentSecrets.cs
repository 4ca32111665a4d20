using Microsoft.Extensions.Configuration;

namespace AiOs.Security;

/// <summary>Secrets from the environment: <c>AIOS_SECRET_&lt;APP&gt;_&lt;NAME&gt;</c>, upper case, with an underscore for every character that is no
/// letter or digit. Where two apps could mean one variable (<c>a-b</c> with <c>c</c>, <c>a</c> with <c>b-c</c>), the operator uses the file.</summary>
public sealed class EnvironmentSecrets(IConfiguration configuration) : ISecrets
{
    /// <inheritdoc/>
    public ValueTask<string?> GetAsync(string app, string name, CancellationToken cancellationToken) => ValueTask.FromResult(configuration[Variable(app, name)]);

    /// <summary>The name of the variable.</summary>
    public static string Variable(string app, string name) => $"AIOS_SECRET_{Upper(app)}_{Upper(name)}";

    static string Upper(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
