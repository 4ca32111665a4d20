namespace AiOs.DataPlane;

/// <summary>One forward step of a folder's tables. The SQL runs on SQLite and on PostgreSQL; <c>{identity}</c> stands for an
/// auto-numbered primary key and <c>{bytes}</c> for the binary column type. Times are BIGINT (Unix milliseconds, UTC), flags INTEGER,
/// JSON and text TEXT. <paramref name="Postgres"/> replaces the text where the dialects cannot agree.</summary>
/// <param name="Number">1, 2, 3 ... within its owner; applied once, in order.</param>
/// <param name="Sql">One or more statements, separated by semicolons.</param>
/// <param name="Postgres">The PostgreSQL text, where it must differ.</param>
public sealed record Migration(int Number, string Sql, string? Postgres = null);

/// <summary>The migrations of one folder, registered as a singleton by its *Setup.cs.</summary>
public sealed record MigrationSet(string Owner, params IReadOnlyList<Migration> Migrations);
