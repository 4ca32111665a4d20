namespace AiOs.DataPlane.Yaml;

/// <summary>Something in the files of an app, or of an operator, that must be put right before it can be used.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based.</param>
/// <param name="Message">What is wrong, in a sentence.</param>
/// <param name="Suggestion">What to write instead, where we can tell.</param>
public sealed record ManifestProblem(string File, long Line, long Column, string Message, string? Suggestion = null)
{
    /// <summary>As compilers print it: <c>app.yaml:12:5: message Write: suggestion</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}{(Suggestion is null ? "" : $" Write: {Suggestion}")}";
}
