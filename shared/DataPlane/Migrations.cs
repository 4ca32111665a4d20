using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace AiOs.DataPlane;

/// <summary>The database and this program disagree about the tables; nothing was changed.</summary>
public sealed class MigrationException(string message) : Exception(message);

/// <summary>Applies what is missing, in order, and refuses what does not fit: history is never rewritten.</summary>
sealed class Migrations(Dialect dialect, IReadOnlyList<MigrationSet> sets)
{
    public async Task ApplyAsync(DbConnection connection, DbTransaction transaction, long now, CancellationToken cancellationToken)
    {
        Check();
        await connection.ExecuteAsync("""
            CREATE TABLE IF NOT EXISTS schema_migrations (
                owner TEXT NOT NULL, number BIGINT NOT NULL, hash TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (owner, number))
            """, transaction: transaction);
        var applied = (await connection.QueryAsync<Applied>("SELECT owner, number, hash FROM schema_migrations", transaction: transaction))
            .ToLookup(row => row.Owner, StringComparer.Ordinal);
        foreach (var set in sets)
        {
            var done = applied[set.Owner].ToDictionary(row => row.Number, row => row.Hash);
            Compare(set, done);
            foreach (var migration in set.Migrations.Where(m => !done.ContainsKey(m.Number)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await connection.ExecuteAsync(Text(migration), transaction: transaction);
                await connection.ExecuteAsync("INSERT INTO schema_migrations (owner, number, hash, applied_at) VALUES (@Owner, @Number, @hash, @now)",
                    new { set.Owner, Number = (long)migration.Number, hash = Hash(migration), now }, transaction);
            }
        }
    }

    void Check()
    {
        foreach (var twice in sets.GroupBy(set => set.Owner, StringComparer.Ordinal).Where(owner => owner.Skip(1).Any()))
            throw new MigrationException($"'{twice.Key}' registers its migrations more than once.");
        foreach (var set in sets)
            for (var i = 0; i < set.Migrations.Count; i++)
                if (set.Migrations[i].Number != i + 1)
                    throw new MigrationException(Invariant($"The migrations of '{set.Owner}' must be numbered 1, 2, 3 ...; found {set.Migrations[i].Number} where {i + 1} belongs."));
    }

    static void Compare(MigrationSet set, Dictionary<long, string> done)
    {
        foreach (var (number, hash) in done.OrderBy(row => row.Key))
        {
            if (number > set.Migrations.Count)
                throw new MigrationException(Invariant($"The database has migration {number} of '{set.Owner}', this program knows {set.Migrations.Count}: a newer version of AiOs has used it. Start that version, or another database."));
            if (hash != Hash(set.Migrations[(int)number - 1]))
                throw new MigrationException(Invariant($"Migration {number} of '{set.Owner}' was applied with another text than this program has. An applied migration is never edited: add a new one."));
        }
    }

    string Text(Migration migration) => dialect == Dialect.Sqlite
        ? migration.Sql.Replace("{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal).Replace("{bytes}", "BLOB", StringComparison.Ordinal)
        : (migration.Postgres ?? migration.Sql).Replace("{identity}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal).Replace("{bytes}", "BYTEA", StringComparison.Ordinal);

    /// <summary>Over both texts, so that the same program finds the same hash whatever the dialect; line ends do not count.</summary>
    static string Hash(Migration migration) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{migration.Sql}\0{migration.Postgres}".ReplaceLineEndings("\n"))));

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    sealed class Applied
    {
        public string Owner { get; init; } = "";
        public long Number { get; init; }
        public string Hash { get; init; } = "";
    }
}
