namespace AiOs.DataPlane;

/// <summary>The databases that <see cref="Database"/> speaks.</summary>
public enum Dialect
{
    /// <summary>SQLite, the default: one file, one writer.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or later (<c>AIOS_DATABASE=postgres://...</c>).</summary>
    Postgres,
}
