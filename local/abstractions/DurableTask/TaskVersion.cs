namespace Microsoft.DurableTask;

/// <summary>The version of an orchestrator or activity; compared without regard to case.</summary>
public readonly struct TaskVersion : IEquatable<TaskVersion>
{
    /// <summary>No version.</summary>
    public static readonly TaskVersion Unversioned;

    readonly string? text;

    /// <summary>A version; null and empty mean unversioned.</summary>
    /// <exception cref="ArgumentException">The text is only white space.</exception>
    public TaskVersion(string? version)
    {
        if (!string.IsNullOrEmpty(version) && string.IsNullOrWhiteSpace(version))
            throw new ArgumentException("A task version cannot be white space; leave it null or empty for an unversioned task.", nameof(version));
        text = version;
    }

    /// <summary>The version's text; empty when unversioned.</summary>
    public string Version => text ?? "";

    /// <summary>The version as text.</summary>
    public static implicit operator string(TaskVersion value) => value.Version;

    /// <summary>Text as a version.</summary>
    public static implicit operator TaskVersion(string? value) => new(value);

    /// <summary>Whether both are the same version.</summary>
    public static bool operator ==(TaskVersion a, TaskVersion b) => a.Equals(b);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(TaskVersion a, TaskVersion b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(TaskVersion other) => string.Equals(Version, other.Version, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TaskVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Version);

    /// <summary>Orders two versions: unversioned first, then as <see cref="System.Version"/> where both are one, else as text.</summary>
    internal static int Compare(string left, string right) =>
        (string.IsNullOrWhiteSpace(left), string.IsNullOrWhiteSpace(right)) switch
        {
            (true, true) => 0,
            (true, false) => -1,
            (false, true) => 1,
            _ => System.Version.TryParse(left, out var a) && System.Version.TryParse(right, out var b)
                ? a.CompareTo(b)
                : string.Compare(left, right, StringComparison.OrdinalIgnoreCase),
        };
}
